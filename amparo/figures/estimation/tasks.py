"""The job that computes an estimate. It starts a separate process, which takes minutes."""

import logging
from subprocess import SubprocessError

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import job

from .models import Estimate
from .separate_process import estimate_in_separate_process

log = logging.getLogger(__name__)


@job
def estimate(pk: int) -> None:
    """Compute an estimate once, and store what the page shows. If the job runs again, it does nothing."""
    with acting_as(WORKER):
        found = Estimate.objects.only("lists", "resamples", "seed", "drawn", "failed").filter(pk=pk).first()
    if found is None or not found.is_waiting:
        return
    try:
        drawn = estimate_in_separate_process(found.list_names, found.lists["counts"], found.resamples, found.seed)
    except (SubprocessError, OSError, ValueError) as error:  # somebody waits for an answer
        log.error("Estimate %s failed: %s", pk, type(error).__name__)
        drawn = None
    with acting_as(WORKER):
        Estimate.objects.filter(pk=pk).update(drawn=drawn, failed=drawn is None)
