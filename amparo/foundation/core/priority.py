"""The priority of the process that carries calls: on a busy machine it comes before all else."""

import os
from contextlib import suppress
from pathlib import Path

SOUND_FIRST = -10  # niceness
# Linux shares the processor among sessions first, and by niceness only within each (sched(7), autogroup). A process
# that began a session of its own therefore gains nothing by its niceness alone.
SESSION = Path("/proc/self/autogroup")


def put_sound_first() -> None:
    """Raise the priority of this process and of its session, as far as the system allows it."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, SOUND_FIRST)
    with suppress(OSError):  # not allowed, or sessions do not count on this system
        SESSION.write_text(str(SOUND_FIRST))
