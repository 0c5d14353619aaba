from datetime import timedelta

import pytest

from amparo.foundation.core.environment import read_environment
from amparo.foundation.core.refusal import Misconfigured

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("setting", "clocks"),
    [
        (None, (15 * MINUTE, 24 * HOUR, 72 * HOUR)),
        ("", (15 * MINUTE, 24 * HOUR, 72 * HOUR)),
        ("5m, 8h, 2d", (5 * MINUTE, 8 * HOUR, 2 * DAY)),
        ("1h,1h,1h", (HOUR, HOUR, HOUR)),
    ],
)
def test_deadlines_follow_the_setting_or_the_default(monkeypatch, setting, clocks):
    monkeypatch.delenv("AMPARO_REPORT_CLOCKS", raising=False)
    if setting is not None:
        monkeypatch.setenv("AMPARO_REPORT_CLOCKS", setting)
    assert read_environment().report_clocks == clocks


@pytest.mark.parametrize(
    "setting",
    ["15m,24h", "15m,24h,72h,1d", "24h,15m,72h", "0m,24h,72h", "15,24,72", "15m,24h,91d", "15m,,72h", "x"],
)
def test_an_unusable_setting_is_refused_in_one_sentence(monkeypatch, setting):
    monkeypatch.setenv("AMPARO_REPORT_CLOCKS", setting)
    with pytest.raises(Misconfigured, match=r"AMPARO_REPORT_CLOCKS=.* write them as 15m,24h,72h"):
        read_environment()
