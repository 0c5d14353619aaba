"""What the worker does for events and testimonies at fixed times."""

from django.utils import timezone

from amparo.foundation.core.jobs import due_time, every, job

from . import public


@every(cron="*/5 * * * *")
@job(queueing_lock="events.remove_ended_testimonies")
def remove_ended_testimonies(timestamp: int) -> None:
    """Every five minutes, so that words leave the disk just after their last day, wherever midnight is."""
    public.remove_ended(timezone.localdate(due_time(timestamp)))
