"""The job that computes an estimate, in a process of its own that takes minutes."""

import logging
from subprocess import SubprocessError

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import job

from .apart import draw_apart
from .models import Estimate

log = logging.getLogger(__name__)


@job
def estimate(pk: int) -> None:
    """Estimate once. A second run of a lost job finds the answer there, and does nothing."""
    with acting_as(WORKER):
        found = Estimate.objects.only("lists", "resamples", "seed", "drawn", "failed").filter(pk=pk).first()
    if found is None or not found.is_waiting:
        return
    try:
        drawn = draw_apart(found.names, found.lists["counts"], found.resamples, found.seed)
    except (SubprocessError, OSError, ValueError) as error:  # somebody waits for an answer
        log.error("Estimate %s failed: %s", pk, type(error).__name__)
        drawn = None
    with acting_as(WORKER):
        Estimate.objects.filter(pk=pk).update(drawn=drawn, failed=drawn is None)
