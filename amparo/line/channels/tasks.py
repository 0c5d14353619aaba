"""The worker's jobs for channels with providers. Each channel has jobs and locks of its own: none waits for another."""

import logging
from datetime import datetime
from functools import partial

from django.utils import timezone

from amparo.foundation.core.jobs import defer_once, every, job

from . import delivery
from .channel import ProviderAway, WrittenChannel
from .models import record_answer
from .rules import take_in, written_channel, written_channels

log = logging.getLogger(__name__)


@every(cron="* * * * *")
@job(queueing_lock="channels.each_minute")
def each_minute(timestamp: int) -> None:
    """Each minute: take in what waits with each provider, and send what could not be sent."""
    for channel in written_channels():
        receive_soon(channel.name)
        again = f"channels.deliver_again.{channel.name}"
        waiting = delivery.deliver_one.configure(lock=f"channels.deliver.{channel.name}", queueing_lock=again)
        defer_once(waiting, channel=channel.name)


def receive_soon(channel: str) -> None:
    """Let the worker look at this channel's provider now, unless such a job waits already."""
    lock = f"channels.receive.{channel}"
    defer_once(receive_one.configure(lock=lock, queueing_lock=lock), channel=channel)


@job
def receive_one(channel: str) -> None:
    if found := written_channel(channel):
        receive_from(found, timezone.now())
        delivery.deliver_soon(channel)


def receive_from(channel: WrittenChannel, now: datetime) -> None:
    """Take in what waits with the provider of a channel. Only jobs with the lock of the channel call it."""
    try:
        aside = channel.receive(partial(take_in, channel, now=now))
    except ProviderAway:
        log.warning("The provider of the channel %s does not answer; again in a minute.", channel.name)
    else:
        record_answer(channel.name, aside, now)
