"""What the worker does for referrals at fixed times."""

from datetime import UTC, datetime

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import every, job

from . import program_shares


@every(cron="* * * * *")
@job(queueing_lock="referrals.notify_of_lost_access")
def notify_of_lost_access(timestamp: int) -> None:
    """Notify programs of shares that they can open no more, so that they delete their copies."""
    with acting_as(WORKER):
        program_shares.notify_of_lost_access(datetime.fromtimestamp(timestamp, UTC))
