"""What the worker does for the administrators' pages at fixed times."""

import time

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import due_time, every, job

from .past_states import note_states

BEGUN = time.monotonic()  # of this process, or of the one that it was forked from
STARTING = 120.0  # seconds


@every(cron="*/10 * * * *")
@job(queueing_lock="administration.note_states")
def note_how_each_part_is(timestamp: int) -> None:
    """Note the state of each part: the page *Installation* shows the worst one of each of thirty days.

    In the first two minutes it notes nothing, because other parts may not be there yet.
    """
    if time.monotonic() - BEGUN > STARTING:
        with acting_as(WORKER):
            note_states(due_time(timestamp))
