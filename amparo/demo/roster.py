"""An invented week of shifts, and invented certificates."""

from datetime import datetime, timedelta

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.roster.cover import DAYS, local_hour
from amparo.line.roster.models import Certificate, Queue, Shift
from amparo.line.roster.shift_rules import issue_certificate, plan_shift

# First and last hour of each shift, by weekday from Monday; the last hour may be on the next day. Somebody is always
# missing somewhere, so that the page has something to show.
SHIFTS = {
    "ana": dict.fromkeys(range(5), (14, 22)),
    "rufino": {0: (22, 30), 1: (22, 30), 2: (22, 30), 4: (22, 30), 5: (22, 30)},
    "marta": dict.fromkeys(range(6), (6, 14)),
}
LASTS = {"ana": timedelta(days=365), "rufino": timedelta(days=9)}  # one expires soon


def invent_roster(by: User, now: datetime) -> None:
    """Plan shifts of this week and the next, and certify operators; nothing if there is any shift or certificate."""
    with acting_as(by.acting()):
        has_some = Shift.objects.exists() or Certificate.objects.exists()
    if has_some:
        return
    monday = monday_of(timezone.localdate(now))
    for username, shifts in SHIFTS.items():
        user = User.objects.get(username=username)
        for week in range(2):
            for weekday, (start, end) in shifts.items():
                day = monday + timedelta(days=week * DAYS + weekday)
                plan_shift(user, local_hour(day, start), local_hour(day, end), by=by)
    for username, lasts in LASTS.items():
        user = User.objects.get(username=username)
        for queue in Queue:
            issue_certificate(user, queue, now + lasts, by=by, now=now)
