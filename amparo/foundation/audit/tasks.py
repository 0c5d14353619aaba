"""Periodic jobs of the ledger."""

from amparo.foundation.core.jobs import every, job
from amparo.foundation.core.live import notify

from .rules import sealer_status


@every(cron="* * * * *")
@job(queueing_lock="audit.tell_of_the_ledger")
def tell_of_the_ledger(timestamp: int) -> None:
    """Each minute, tell the consoles if nothing is being sealed. The sealer itself tells them when it is back."""
    if not sealer_status().is_well:
        notify("ledger")
