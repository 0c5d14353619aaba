"""How a published number is written and shaded, on paper, in a picture and in a table."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

SHADES = 5  # of a map and of a crossed table


def shade(count: int | None, shown: list[int]) -> str:
    """Return a number's shade: its quintile among the sorted numbers `shown`, "1" to "5". None: "hidden"."""
    return "hidden" if count is None else str(1 + SHADES * shown.index(count) // len(shown))


def printed(count: int | None) -> str:
    """Return a number as it is written on paper and in a picture. None: "not shown"."""
    return _("not shown") if count is None else number_format(count, 0, force_grouping=True)
