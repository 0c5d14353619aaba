"""The limits of what may be published (docs/decisions/0019)."""

SMALLEST = 10  # smaller counts are hidden, and so is zero; with zero hidden, ten people are a crowd
ENOUGH = 2 * SMALLEST - 1
BASE = 5
