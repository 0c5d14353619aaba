"""SIPp, which is not ours, calls twenty times a second. `python -m bench.telephony`: a hundred times."""

import pytest

from bench.telephony import place_calls

from .hotline import hotline
from .ports import free_port
from .repetitions import repeat

CALLS = repeat(60, 6_000)


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 2_000))
def test_sipp_is_answered_each_time(tmp_path):
    with hotline() as it:
        failed, times = place_calls(it.sip_port, rate=20, calls=CALLS, folder=tmp_path)
    assert failed == 0
    assert len(times) == CALLS


def test_a_call_that_fails_is_counted(tmp_path):
    """The check itself: nobody listens at this port."""
    failed, _times = place_calls(free_port(), rate=20, calls=3, folder=tmp_path, patience=4)
    assert failed == 3
