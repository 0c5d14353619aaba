"""One's own shifts as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import icalendar
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User

from .models import Shift

BACK, AHEAD = timedelta(days=31), timedelta(days=92)
FETCH_AGAIN = timedelta(hours=1)  # asked of calendar programs (RFC 7986, 5.7)


def own_calendar(user: User, now: datetime) -> bytes:
    """Return the shifts of this person as an iCalendar file, from a month back to three months ahead."""
    own = Shift.objects.not_cancelled().filter(user=user)
    return calendar_of(own.overlapping(now - BACK, now + AHEAD).order_by("starts_at"), now)


def calendar_of(shifts: Iterable[Shift], now: datetime) -> bytes:
    """Return these shifts as an iCalendar file. It names neither the line nor the person: third parties store it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Amparo//roster//ES")
    calendar.add("version", "2.0")
    calendar.add("refresh-interval", FETCH_AGAIN, parameters={"VALUE": "DURATION"})
    for shift in shifts:
        event = icalendar.Event()
        event.add("uid", f"shift-{shift.pk}@amparo.invalid")
        event.add("dtstamp", now)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", _("Shift") if shift.covers else _("On call"))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
