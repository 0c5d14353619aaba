import pytest

from amparo.foundation.core.environment import read_environment
from amparo.foundation.core.refusal import Misconfigured


@pytest.mark.parametrize(
    ("setting", "minutes"),
    [
        (None, {}),
        ("", {}),
        ("5m, 8h, 2d", {"receive_in_danger_minutes": 5, "receive_minutes": 480, "decide_minutes": 2880}),
        ("1h,1h,1h", {"receive_in_danger_minutes": 60, "receive_minutes": 60, "decide_minutes": 60}),
    ],
)
def test_deadlines_of_the_environment_are_carried_in_minutes(monkeypatch, setting, minutes):
    monkeypatch.delenv("AMPARO_REPORT_CLOCKS", raising=False)
    if setting is not None:
        monkeypatch.setenv("AMPARO_REPORT_CLOCKS", setting)
    assert read_environment().carried == minutes


@pytest.mark.parametrize(
    "setting",
    ["15m,24h", "15m,24h,72h,1d", "24h,15m,72h", "0m,24h,72h", "15,24,72", "15m,24h,91d", "15m,,72h", "x"],
)
def test_an_unusable_setting_is_refused_in_one_sentence(monkeypatch, setting):
    monkeypatch.setenv("AMPARO_REPORT_CLOCKS", setting)
    with pytest.raises(Misconfigured, match=r"AMPARO_REPORT_CLOCKS=.* write them as 15m,24h,72h"):
        read_environment()
