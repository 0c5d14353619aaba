"""The worker's jobs for channels with providers."""

import logging
from datetime import datetime
from functools import partial

from amparo.foundation.core.jobs import due_time, every, job

from . import delivery
from .channel import ProviderAway
from .rules import take_in, written_channels

log = logging.getLogger(__name__)


@every(cron="* * * * *")
@job(queueing_lock="channels.receive", lock="channels.receive")
def receive(timestamp: int) -> None:
    """Each minute: take in what waits with the providers."""
    receive_all(due_time(timestamp))
    delivery.deliver_soon.defer()


@every(cron="* * * * *")
@job(queueing_lock="channels.deliver_again", lock="channels.deliver")
def deliver_again(timestamp: int) -> None:
    """Each minute: send what could not be sent."""
    delivery.deliver(written_channels(), due_time(timestamp))


def receive_all(now: datetime) -> None:
    """Take in what waits, of each channel. A fault of one does not stop the others, and is raised afterwards."""
    fault: Exception | None = None
    for channel in written_channels():
        try:
            channel.receive(partial(take_in, channel, now=now))
        except ProviderAway:
            log.warning("The provider of the channel %s does not answer; again in a minute.", channel.name)
        except Exception as error:
            fault = error
    if fault:
        raise fault
