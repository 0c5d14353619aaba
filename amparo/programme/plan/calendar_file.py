"""The last day of a data call as an iCalendar file (RFC 5545) with reminders, for a respondent's own calendar."""

from datetime import datetime, timedelta

import icalendar
from django.utils.translation import gettext as _

from .models import DataCall

REMINDERS = (timedelta(days=-7), timedelta(days=-1))  # before the day begins


def calendar_of(call: DataCall, now: datetime) -> bytes:
    """Return a calendar file with the last day for reporting values. It names neither a person nor the hotline."""
    title = _("Report the values of the plan of action: %(quarter)s") % {"quarter": call}
    event = icalendar.Event()
    event.add("uid", f"data-call-{call.pk}@amparo.invalid")
    event.add("dtstamp", now)
    event.add("dtstart", call.due_on)
    event.add("summary", title)
    for before in REMINDERS:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", before)
        event.add_component(alarm)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Amparo//plan//ES")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
