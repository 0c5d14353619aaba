"""The worker's jobs for programs of other institutions."""

from uuid import UUID

from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import due_time, every, job

from . import delivery
from .models import IdempotencyKey


@job
def deliver(pk: str) -> None:
    """Deliver at once after the commit. If that fails, or this job is lost, `deliver_again` finds it."""
    delivery.deliver(UUID(pk), timezone.now())


@every(cron="* * * * *")
@job(queueing_lock="integrations.deliver_again")
def deliver_again(timestamp: int) -> None:
    delivery.deliver_again(due_time(timestamp))


@every(cron="23 3 * * *")
@job(queueing_lock="integrations.forget")
def forget(timestamp: int) -> None:
    """Each night: delete old idempotency keys, after a day, and old deliveries."""
    now = due_time(timestamp)
    with acting_as(WORKER):
        IdempotencyKey.objects.filter(at__lt=now - delivery.A_DAY).delete()
        delivery.delete_old_deliveries(now)
