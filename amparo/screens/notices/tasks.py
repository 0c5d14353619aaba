"""What the worker does each minute: it looks for what waits, makes notices, and sends them."""

from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import defer_once, due_time, every, job

from . import ladder, sending
from .finding import Look
from .watch import tell_watch

LOCK = "notices.send"  # two jobs never send at once


@every(cron="* * * * *")
@job(queueing_lock="notices.each_minute", lock="notices.each_minute")
def notify_each_minute(timestamp: int) -> None:
    now = timezone.now()
    for is_danger in (True, False):  # danger never waits for a part that answers late
        ladder.note_events(Look(now), is_danger=is_danger)
        ladder.notify_people(now)
        defer_once(send_notices.configure(lock=LOCK, queueing_lock=LOCK))


@job
def send_notices() -> None:
    sending.send_pending(timezone.now())


def send_soon() -> None:
    """Let the worker send what waits at once after the commit. If the job is lost, the next minute sends."""
    send_notices.configure(lock=LOCK).defer()


@every(cron="*/5 * * * *")
@job(queueing_lock="notices.watch")
def tell_watch_outside(timestamp: int) -> None:
    tell_watch(Look(timezone.now()))


@every(cron="40 3 * * *")
@job(queueing_lock="notices.forget")
def forget_notices(timestamp: int) -> None:
    now = due_time(timestamp)
    with acting_as(WORKER):
        ladder.forget_old(now)
    ladder.forget_addresses(now)
