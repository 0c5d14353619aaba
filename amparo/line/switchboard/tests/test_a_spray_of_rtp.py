"""A stranger who sends RTP to every port takes over no call, whether the telephone is behind a NAT or not.

`make test` sprays for 10 s, `make soak` for 60 s. A port decides at its first packets whose sound it takes, and all
calls begin under the spray, so 10 s are enough to see a takeover; a minute shows that nothing gives way later.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.repetitions import repeat

CALLS = 50
SECONDS = repeat(10, 60)


def spray(*options: str) -> dict[str, int]:
    own_network = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
    program = [*own_network, sys.executable, "-m", "amparo.line.switchboard.tests.spray", *options]
    result = subprocess.run(program, capture_output=True, text=True, check=False, timeout=240)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.soak
def test_no_call_is_taken_over_and_both_sides_hear_each_other():
    found = spray("--seconds", str(SECONDS))
    assert found["packets_to_each_port"] > 5 * SECONDS
    assert (found["calls"], found["behind_a_translator"]) == (CALLS, CALLS // 2)
    assert (found["taken_over"], found["stranger_received"]) == (0, 0)
    assert (found["heard_by_telephones"], found["heard_by_us"]) == (CALLS, CALLS)


def test_a_stranger_who_passes_for_the_signalling_host_takes_calls_over():
    """Positive control: the spray reaches the calls, and only the check of the signalling host stops it."""
    assert spray("--seconds", "2", "--control")["taken_over"] == CALLS
