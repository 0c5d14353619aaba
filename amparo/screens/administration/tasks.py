"""What the worker does for the administrators' pages at fixed times."""

from datetime import timedelta

from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import due_time, every, job

from .past_states import note_states

LATE = timedelta(seconds=30)


@every(cron="*/10 * * * *")
@job(queueing_lock="administration.note_states")
def note_how_each_part_is(timestamp: int) -> None:
    """Note the state of each part: the page *Installation* shows the worst one of each of thirty days.

    A job that comes late is one of a start, while other parts are not there yet: it notes nothing.
    """
    due = due_time(timestamp)
    if timezone.now() - due < LATE:
        with acting_as(WORKER):
            note_states(due)
