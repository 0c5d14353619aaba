"""Settings that stood in the environment before they came into the database (`foundation/line_settings`).

A hotline of an older version still carries them. The start takes each over once; from then on it is not read.
"""

import os
import re
from datetime import timedelta

from .refusal import Misconfigured

DEFAULT_CLOCKS, LONGEST_CLOCK, UNITS = "15m,24h,72h", timedelta(days=90), {"m": "minutes", "h": "hours", "d": "days"}
CLOCKS = "receive_in_danger_minutes", "receive_minutes", "decide_minutes"
NAMES = (
    "AMPARO_LINE_NUMBER", "AMPARO_POLICE_NUMBER", "AMPARO_ANSWER_DAYS", "AMPARO_REPORT_CLOCKS", "AMPARO_LISTENING",
)  # fmt: skip


def carried_names() -> tuple[str, ...]:
    """Return the names of these settings that the environment carries."""
    return tuple(name for name in NAMES if name in os.environ)


def carried_settings() -> dict[str, str | int | bool]:
    """Return their values by the names that they have in the database. Raises `Misconfigured`."""
    values: dict[str, str | int | bool] = {}
    if number := os.environ.get("AMPARO_LINE_NUMBER"):
        values["line_number"] = number
    if number := os.environ.get("AMPARO_POLICE_NUMBER"):
        values["police_number"] = _police_number(number)
    if days := os.environ.get("AMPARO_ANSWER_DAYS"):
        values["answer_days"] = _number_of_days(days)
    if clocks := os.environ.get("AMPARO_REPORT_CLOCKS"):
        values |= zip(CLOCKS, _parse_clocks(clocks), strict=True)
    if "AMPARO_LISTENING" in os.environ:
        values["listening"] = _is_on("AMPARO_LISTENING")
    return values


def _police_number(number: str) -> str:
    if not re.fullmatch(r"\+?\d[\d ]{1,19}", number):
        raise Misconfigured(f"AMPARO_POLICE_NUMBER={number} is not a number: write it as people dial it, such as 105.")
    return number


def _number_of_days(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 365:
        raise Misconfigured(f"AMPARO_ANSWER_DAYS={text} is not a number of days: write one from 1 to 365.")
    return int(text)


def _parse_clocks(text: str) -> list[int]:
    """Parse AMPARO_REPORT_CLOCKS: three durations, none shorter than the one before, in minutes."""
    matches = [re.fullmatch(r"([0-9]{1,5})([mhd])", part.strip()) for part in text.split(",")]
    times = [timedelta(**{UNITS[match[2]]: int(match[1])}) for match in matches if match]
    if len(times) != 3 or len(matches) != 3 or not timedelta() < times[0] <= times[1] <= times[2] <= LONGEST_CLOCK:
        raise Misconfigured(
            f"AMPARO_REPORT_CLOCKS={text} are not three times, the shortest first: write them as {DEFAULT_CLOCKS}."
        )
    return [int(each.total_seconds()) // 60 for each in times]


def _is_on(name: str) -> bool:
    text = os.environ[name]
    if text not in ("0", "1"):
        raise Misconfigured(f"{name}={text} is neither 0 nor 1: write one of them, or leave it unset.")
    return text == "1"
