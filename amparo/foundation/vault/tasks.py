"""Periodic jobs of the vault."""

from amparo.foundation.core.jobs import due_time, every, job

from . import key_rotation, retention


@every(cron="41 2 * * *")
@job(queueing_lock="vault.roll_keys")
def roll_keys(timestamp: int) -> None:
    """Each night: begin a new period of the key-encryption keys, or continue an interrupted rotation."""
    key_rotation.rotate_when_due(due_time(timestamp))


@every(cron="11 3 * * *")
@job(queueing_lock="vault.forget")
def forget(timestamp: int) -> None:
    """Each night: forget the records whose period is over."""
    retention.destroy_due_keys(due_time(timestamp))
