from datetime import datetime

from django.db import models

from amparo.foundation.core import row_security
from amparo.foundation.core.actor import WORKER, acting_as


class ChannelState(models.Model):
    """What the worker found at the provider of a channel when it last looked there."""

    channel = models.CharField(max_length=8, primary_key=True)  # a name of settings.CHANNELS
    answered_at = models.DateTimeField(null=True)  # when the provider last answered
    aside = models.PositiveIntegerField(default=0)  # messages that could not be read or stored, and that wait
    reading = models.CharField(max_length=64, blank=True)  # number, at the provider, of the message that is being read

    protected = row_security.OpenTable(
        "numbers and times, without words or addresses", web="select", worker="select, insert, update"
    )

    def __str__(self) -> str:
        return f"state of the channel {self.channel}"


def record_answer(channel: str, aside: int, now: datetime) -> None:
    """Record that the provider of a channel answered, and how many messages wait aside there."""
    _update(channel, answered_at=now, aside=aside)


def begin_reading(channel: str, number: str) -> None:
    """Record which message is about to be read. After a crash the next run knows which message caused it."""
    _update(channel, reading=number)


def end_reading(channel: str) -> None:
    _update(channel, reading="")


def unfinished_reading(channel: str) -> str:
    """Return the number of the message whose reading ended with the process. Blank: none."""
    with acting_as(WORKER):
        return ChannelState.objects.filter(pk=channel).values_list("reading", flat=True).first() or ""


def _update(channel: str, **columns: object) -> None:
    with acting_as(WORKER):
        ChannelState.objects.update_or_create(pk=channel, defaults=columns)
