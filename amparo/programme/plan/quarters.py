"""The last day and the name of a quarter, which is given by its first day."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def end_of_quarter(first: date) -> date:
    """Return the last day of the quarter that begins on this day."""
    return (first + timedelta(days=93)).replace(day=1) - timedelta(days=1)


def quarter_name(first: date) -> str:
    return _("%(first)s to %(last)s %(year)s") % {
        "first": date_format(first, "F"), "last": date_format(end_of_quarter(first), "F"), "year": first.year,
    }  # fmt: skip
