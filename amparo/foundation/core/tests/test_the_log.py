"""Events that anybody on the network can cause do not fill the log."""

import logging

from django.conf import settings

from amparo.foundation.core.log_filters import PAUSE, RepeatFilter

LINE = "Invalid HTTP request received."  # as uvicorn says it


def passed(throttle: RepeatFilter, name: str, level: int = logging.WARNING) -> str | None:
    record = logging.LogRecord(name, level, "", 0, LINE, (), None)
    return record.getMessage() if throttle.filter(record) else None


def test_one_line_a_minute_counts_the_others():
    now = 0.0
    throttle = RepeatFilter("uvicorn.error", clock=lambda: now)
    assert [passed(throttle, "uvicorn.error") for _ in range(500)] == [LINE, *[None] * 499]
    now = PAUSE
    assert passed(throttle, "uvicorn.error") == f"{LINE} (499 more since the last such line)"
    assert passed(throttle, "uvicorn.error") is None


def test_faults_and_what_others_say_pass():
    throttle = RepeatFilter("uvicorn.error")
    assert all(passed(throttle, "amparo.line") for _ in range(3))
    assert all(passed(throttle, "uvicorn.error", logging.ERROR) for _ in range(3))


def test_the_log_of_the_hotline_is_throttled():
    (handler,) = (each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    assert any(isinstance(each, RepeatFilter) for each in handler.filters)
    assert "throttle" in settings.LOGGING["handlers"]["console"]["filters"]
