"""What the worker does for events and testimonies at fixed times."""

from django.utils import timezone

from amparo.foundation.core.jobs import due_time, every, job

from . import public


@every(cron="*/5 * * * *")
@job(queueing_lock="events.remove_ended_testimonies")
def remove_ended_testimonies(timestamp: int) -> None:
    """Remove ended testimonies from the disk. Runs every five minutes, to act just after midnight in any time zone."""
    public.remove_ended_words(timezone.localdate(due_time(timestamp)))
