"""What the worker does for programs of other institutions."""

from uuid import UUID

from django.utils import timezone

from amparo.ground.core.acting import WORKER, need_to_know
from amparo.ground.core.jobs import due, every, job

from . import delivering
from .models import Attempt


@job
def deliver(delivery: str) -> None:
    """At once after the commit; if that does not work, or this job is lost, `deliver_again` finds it."""
    delivering.deliver(UUID(delivery), timezone.now())


@every(cron="* * * * *")
@job(queueing_lock="machines.deliver_again")
def deliver_again(timestamp: int) -> None:
    delivering.deliver_again(due(timestamp))


@every(cron="23 3 * * *")
@job(queueing_lock="machines.forget")
def forget(timestamp: int) -> None:
    """Each night: keys under which something was asked a day ago, and news that was told."""
    now = due(timestamp)
    with need_to_know(WORKER):
        Attempt.objects.filter(at__lt=now - delivering.A_DAY).delete()
        delivering.forget_old(now)
