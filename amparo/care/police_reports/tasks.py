"""What the worker does for reports at fixed times."""

from datetime import UTC, datetime

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import every, job

from . import escalation


@every(cron="* * * * *")
@job(queueing_lock="police_reports.escalate")
def escalate(timestamp: int) -> None:
    """Escalate late steps. It runs every minute: in danger a quarter of an hour is long."""
    with acting_as(WORKER):
        escalation.escalate(datetime.fromtimestamp(timestamp, UTC))
