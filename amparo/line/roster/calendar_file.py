"""One's own shifts as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime

import icalendar
from django.utils.translation import gettext as _

from .models import Shift


def calendar_of(shifts: Iterable[Shift], now: datetime) -> bytes:
    """The calendar of these shifts. It names neither the line nor the person: calendars are kept by third parties."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Amparo//roster//ES")
    calendar.add("version", "2.0")
    for shift in shifts:
        event = icalendar.Event()
        event.add("uid", f"shift-{shift.pk}@amparo.invalid")
        event.add("dtstamp", now)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", _("Shift"))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
