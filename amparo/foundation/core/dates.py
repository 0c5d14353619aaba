"""Date fields in the Peruvian order, 27/11/2026, in every browser; the month in an address; days and weeks.

A browser's own field follows the browser's language: 11/27/2026 and 08:00 PM in an English one.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

DAYS = ["%d/%m/%Y", "%Y-%m-%d"]
MOMENTS = ["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
HOURS = ["%H:%M", "%H:%M:%S", "%H.%M"]

EARLIEST_MONTH = date(2000, 1, 1)
FIRST_YEAR, LAST_YEAR = 1900, 2199  # another one is a slip of the keyboard, and nobody could compute with some


def monday_of(day: date) -> date:
    """Return the Monday of the week in which a day lies."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins, in the hotline's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def typed_month(typed: str, today: date) -> date:
    """Return the first day of a month such as "2026-11".

    Any other text, a future month, or one before `EARLIEST_MONTH` gives the current month.
    """
    try:
        found = parse_date(f"{typed}-01")
    except ValueError:
        found = None
    return found if found and EARLIEST_MONTH <= found <= today else today.replace(day=1)


def last_month(today: date) -> date:
    """Return the first day of the last month that is over."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _check_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise forms.ValidationError(_("Write a year from %(first)d to %(last)d."), params=years)


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A form field for a day; it also accepts ISO 8601."""
    more["validators"] = [*more.get("validators", ()), _check_year]
    widget = forms.DateInput({"placeholder": _("dd/mm/yyyy"), "autocomplete": "off"}, format=DAYS[0])
    return forms.DateField(label=label, widget=widget, input_formats=DAYS, **more)


def moment_field(label: Any, **more: Any) -> forms.DateTimeField:
    """A form field for a day and a time in the hotline's time zone."""
    more["validators"] = [*more.get("validators", ()), _check_year]
    widget = forms.DateTimeInput({"placeholder": _("dd/mm/yyyy hh:mm"), "autocomplete": "off"}, format=MOMENTS[0])
    return forms.DateTimeField(label=label, widget=widget, input_formats=MOMENTS, **more)


def hour_field(label: Any, **more: Any) -> forms.TimeField:
    """A form field for an hour and a minute, of 24 hours."""
    widget = forms.TimeInput({"placeholder": "hh:mm", "autocomplete": "off", "size": 5}, format=HOURS[0])
    return forms.TimeField(label=label, widget=widget, input_formats=HOURS, **more)
