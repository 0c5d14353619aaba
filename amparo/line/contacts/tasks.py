"""Scheduled jobs for contacts."""

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import every, job
from amparo.foundation.core.live import notify
from amparo.line.switchboard.attempts import RETRY_AFTER
from amparo.line.switchboard.models import Hours, Message

from .models import Draft, SafeContact
from .picklists import State

DRAFTS_LIVE = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


@every(cron="* * * * *")
@job(queueing_lock="contacts.safe_hours")
def announce_safe_hours(timestamp: int) -> None:
    """Each minute: if a return call becomes possible now, consoles reload their list of return calls."""
    with acting_as(WORKER):
        if somebody_may_be_called_from(datetime.fromtimestamp(timestamp, UTC)):
            notify("messages")


@every(cron="17 * * * *")
@job(queueing_lock="contacts.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Each hour: delete drafts of closed contacts after a day, when no late save can arrive any more."""
    with acting_as(WORKER):
        forget_drafts_before(datetime.fromtimestamp(timestamp, UTC) - DRAFTS_LIVE)


def somebody_may_be_called_from(now: datetime) -> bool:
    """Whether safe hours of a card or message begin in this minute, or the pause after an attempt ends in it."""
    minute = timezone.localtime(now).time().replace(second=0, microsecond=0)
    paused = {"last_attempt_at__gt": now - RETRY_AFTER - A_MINUTE, "last_attempt_at__lte": now - RETRY_AFTER}
    if any(rows.filter(**paused).exists() for rows in (SafeContact.objects.wanted(), Message.objects.open())):
        return True
    if SafeContact.objects.wanted().filter(any_hour=False, hours_from=minute).exists():
        return True
    opening = [hours for hours in Hours if hours is not Hours.ANY and time(hours.span.start) == minute]
    return Message.objects.open().filter(hours__in=opening).exists()


def forget_drafts_before(moment: datetime) -> None:
    Draft.objects.filter(contact__state=State.WRAPPED, saved_at__lt=moment).delete()
