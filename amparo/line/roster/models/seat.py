from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

SEEN_WITHIN = timedelta(seconds=45)  # a console reports every 15 s that it is open; two reports may be lost

# Who has had no console open for so long is neither ready nor on a break. A page that is loaded anew takes seconds.
GONE_AFTER = timedelta(seconds=60)


class State(Picklist):
    OFF = "off", _("off shift")
    READY = "ready", _("ready")
    BUSY = "busy", _("in a call or its wrap-up")
    BREAK = "break", _("on a break")


CHOSEN = (State.READY, State.BREAK)  # what an operator says, and what ends when their console is closed


class Device(Picklist):
    BROWSER = "browser", _("this browser")
    PHONE = "phone", _("desk phone")


def spoken_by_default() -> list[str]:
    return ["es"]


class SeatQuerySet(models.QuerySet["Seat"]):
    def on_shift(self, now: datetime) -> Self:
        """Operators whose console is open and who have not gone off shift."""
        return self.exclude(state=State.OFF).filter(seen_at__gt=now - SEEN_WITHIN)

    def away(self, now: datetime) -> Self:
        """Operators who went off shift or closed their console."""
        return self.exclude(pk__in=self.on_shift(now))

    def ready(self, now: datetime) -> Self:
        return self.on_shift(now).filter(state=State.READY)

    def who_may_take(self, queue: str, now: datetime) -> Self:
        """Operators who may pick somebody out of this queue (`ringing.may_take`)."""
        arguments = (Value(queue), F("pk"), Value(now), Value(now - SEEN_WITHIN))
        return self.filter(Func(*arguments, function="roster_may_take", output_field=models.BooleanField()))


class Seat(models.Model):
    """An operator at work: their languages, whether they may be rung now, and the device they talk on."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    state = models.CharField(max_length=8, choices=State.options, default=State.OFF)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # set by the live stream of the console; None: never
    languages = ArrayField(models.CharField(max_length=8), default=spoken_by_default)
    device = models.CharField(max_length=8, choices=Device.options, default=Device.BROWSER)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    phone_secret = SealedField(
        "seat.phone_secret", null=True, in_ledger=False
    )  # digest secret of the desk phone; None: no phone may register

    objects = SeatQuerySet.as_manager()
    protected = row_security.ByRole(
        "hotline/operator", "hotline/supervisor", "hotline/case_worker", own="user_id", web="select, insert, update",
        switchboard="select",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["state", "since"], name="seats_by_state")]

    def __str__(self) -> str:
        return f"seat {self.pk}"

    def is_abandoned(self, now: datetime) -> bool:
        """Whether the operator was ready or on a break, and closed the console. In a call or its wrap-up: never."""
        return self.state in CHOSEN and self.seen_at is not None and self.seen_at <= now - GONE_AFTER
