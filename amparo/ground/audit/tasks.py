"""What the worker does for the ledger without being asked."""

from amparo.ground.core.jobs import every, job
from amparo.ground.core.live import note

from .rules import how_it_stands


@every(cron="* * * * *")
@job(queueing_lock="audit.tell_of_the_ledger")
def tell_of_the_ledger(timestamp: int) -> None:
    """Each minute: the consoles say so when nothing is sealed; the sealer itself tells them when it is back."""
    if not how_it_stands().is_well:
        note("ledger")
