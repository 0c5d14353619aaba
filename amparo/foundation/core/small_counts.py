"""Counts for people who open no file: none below ten, and to the nearest five (docs/decisions/0019, 0048)."""

SMALLEST = 10  # smaller counts are hidden, also zero
BASE = 5


def round_to_five(count: float) -> int:
    return BASE * round(count / BASE)


def rounded_or_hidden(count: int) -> int | None:
    """Return the count rounded to five; None if it is below ten, and so must stay hidden."""
    return round_to_five(count) if count >= SMALLEST else None
