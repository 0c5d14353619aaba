"""One's own shifts at a secret address, which a calendar program fetches without a sign-in."""

from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.integrations.keys import new_token, secret_digest

from .calendar_file import own_calendar
from .models import CalendarFeed


@action(permissions.take_calls, label=gettext_lazy("made an address for the calendar of their shifts"))
def make_feed(*, by: User, now: datetime) -> str:
    """Return the secret of a new address. It is not shown again, and the earlier address stops working."""
    secret = new_token()
    with connection.cursor() as cursor:  # the same request may come twice at once
        cursor.execute("select pg_advisory_xact_lock('roster_calendarfeed'::regclass::int, %s)", [by.pk])
    CalendarFeed.objects.filter(user=by).delete()
    CalendarFeed.objects.create(user=by, digest=secret_digest(secret), made_at=now)
    return secret


@action(permissions.take_calls, label=gettext_lazy("withdrew the address for the calendar of their shifts"))
def withdraw_feed(*, by: User) -> None:
    """Delete the calendar's address: the next request is refused. A second call changes nothing."""
    CalendarFeed.objects.filter(user=by).delete()


def owner_of_feed(secret: str) -> User | None:
    """Return the user whose calendar has this secret. None: there is none, or its user takes no calls now."""
    found = CalendarFeed.objects.filter(digest=secret_digest(secret), user__is_active=True)
    feed = found.select_related("user__agency").first()
    return feed.user if feed is not None and permissions.take_calls(feed.user) else None


def fetch_calendar(user: User, now: datetime) -> bytes:
    """Return this person's shifts as an iCalendar file, and store today as the day of the last fetch; they see it."""
    today = timezone.localdate(now)
    with acting_as(user.acting()):
        CalendarFeed.objects.filter(user=user).exclude(last_used_on=today).update(last_used_on=today)
        return own_calendar(user, now)
