"""The process of calls comes first among all sessions of the machine, not only within its own."""

import os
import subprocess
import sys

from amparo.foundation.core.priority import SOUND_FIRST

SHOW = "print(os.nice(0), *(priority.SESSION.read_text().split()[-1:] if priority.SESSION.exists() else []))"
NOBODY = 65534


def priority_after(work: str) -> list[int]:
    """Do this in a new session, as children of `amparo run` begin one. Returns its niceness and that of the session,
    which a kernel without autogroups does not have.
    """
    program = f"import os; from amparo.foundation.core import priority\n{work}\n{SHOW}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, start_new_session=True
    )
    return [int(word) for word in done.stdout.split()]


def test_sound_comes_before_other_sessions_where_that_is_allowed():
    before = priority_after("")
    raised = priority_after("priority.put_sound_first()")
    assert raised == ([SOUND_FIRST] * len(before) if os.geteuid() == 0 else before)
    assert priority_after(f"os.geteuid() or os.setuid({NOBODY}); priority.put_sound_first()") == before  # the control
