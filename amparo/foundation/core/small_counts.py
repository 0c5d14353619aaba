"""Counts for people who open no file: none below ten, and to the nearest five (docs/decisions/0019, 0048)."""

SMALLEST = 10  # smaller counts are hidden, and so is zero; with zero hidden, ten people are a crowd
BASE = 5


def rounded(count: float) -> int:
    return BASE * round(count / BASE)


def shown(count: int) -> int | None:
    """The count as it may be read. None: below ten."""
    return rounded(count) if count >= SMALLEST else None
