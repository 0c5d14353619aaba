"""What the worker does for the vault without being asked."""

from datetime import UTC, datetime

from amparo.ground.core.jobs import every, job

from . import rolling


@every(cron="41 2 * * *")
@job(queueing_lock="vault.roll_keys")
def roll_keys(timestamp: int) -> None:
    """Each night: whether a new period of the key-encryption keys begins, or a roll that was cut off goes on."""
    rolling.roll_when_due(datetime.fromtimestamp(timestamp, UTC))
