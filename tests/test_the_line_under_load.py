"""SIPp, which is not ours, calls twenty times a second. `python -m bench.telephony`: a hundred times."""

from bench.telephony import place_calls

from .hotline import hotline
from .ports import free_port


def test_sipp_is_answered_each_time(tmp_path):
    with hotline() as it:
        failed, times = place_calls(it.sip_port, rate=20, calls=60, folder=tmp_path)
    assert failed == 0
    assert len(times) == 60


def test_a_call_that_fails_is_counted(tmp_path):
    """The check itself: nobody listens at this port."""
    failed, _times = place_calls(free_port(), rate=20, calls=3, folder=tmp_path, patience=4)
    assert failed == 3
