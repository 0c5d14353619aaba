"""What the worker does for the vault without being asked."""

from amparo.foundation.core.jobs import due, every, job

from . import key_rotation, retention


@every(cron="41 2 * * *")
@job(queueing_lock="vault.roll_keys")
def roll_keys(timestamp: int) -> None:
    """Each night: whether a new period of the key-encryption keys begins, or a roll that was cut off goes on."""
    key_rotation.rotate_when_due(due(timestamp))


@every(cron="11 3 * * *")
@job(queueing_lock="vault.forget")
def forget(timestamp: int) -> None:
    """Each night: the records whose time is over."""
    retention.destroy_due_keys(due(timestamp))
