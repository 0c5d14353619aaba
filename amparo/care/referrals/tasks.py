"""What the worker does for reports without being asked."""

from datetime import UTC, datetime

from amparo.ground.core.acting import WORKER, need_to_know
from amparo.ground.core.jobs import every, job

from . import escalation


@every(cron="* * * * *")
@job(queueing_lock="referrals.escalate")
def escalate(timestamp: int) -> None:
    """Each minute: in danger a quarter of an hour is long."""
    with need_to_know(WORKER):
        escalation.escalate(datetime.fromtimestamp(timestamp, UTC))
