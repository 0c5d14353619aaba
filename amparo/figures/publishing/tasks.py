"""What the worker does with published figures at fixed times."""

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import due_time, every, job

from .plan_indicators import fill_indicators


@every(cron="*/5 * * * *")
@job(queueing_lock="publishing.fill_the_plan")
def fill_the_plan(timestamp: int) -> None:
    """Fill the indicators of the plan of action that name a published figure."""
    with acting_as(WORKER):
        fill_indicators(due_time(timestamp))
