"""A fixed week for the tests of the roster: Monday 23 November 2026, Lima time (UTC-5)."""

from datetime import UTC, date, datetime, timedelta

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)  # Wednesday, 12:00 in Lima


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """This time in Lima; `day` 0 is the Monday."""
    midnight = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    return midnight + timedelta(days=day, hours=hour, minutes=minute)
