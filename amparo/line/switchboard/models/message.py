"""Messages that callers leave when nobody is free."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedBytes, SealedField, has_value
from amparo.foundation.vault.models import DataKey

from ..attempts import GivenUpReason, next_attempt, why_wait
from .call import Call


class Hours(Picklist):
    MORNING = "morning", _("mornings, 6 to 12")
    AFTERNOON = "afternoon", _("afternoons, 12 to 18")
    EVENING = "evening", _("evenings, 18 to 24")
    ANY = "any", _("at any hour")

    @property
    def span(self) -> range:
        """The hours of the day that this choice covers, local time: mornings are 6 to 11."""
        spans = {Hours.MORNING: range(6, 12), Hours.AFTERNOON: range(12, 18), Hours.EVENING: range(18, 24)}
        return spans.get(self, range(24))


class MessageQuerySet(models.QuerySet["Message"]):
    def open(self) -> Self:
        return self.filter(done_at=None).order_by("left_at")


class Message(models.Model):
    """What a caller left when nobody was free: a safe number and hours, or a voice message.

    Number and sound are sealed before they reach SQL.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="messages", db_constraint=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    left_at = models.DateTimeField()
    number = SealedField("message.number", null=True)  # None: a voice message only
    hours = models.CharField(max_length=10, choices=Hours.options, default=Hours.ANY)
    sound = SealedBytes("message.sound", null=True)  # G.711 µ-law, 8 kHz; None: a number only
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    given_up = models.CharField(max_length=10, choices=GivenUpReason.options, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)  # number of return calls placed
    last_attempt_at = models.DateTimeField(null=True)  # None: no attempt yet

    objects = MessageQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, update", switchboard="insert", worker="select (id, hours, left_at, done_at, last_attempt_at)"
    )

    class Meta:
        indexes = [models.Index(fields=["left_at"], name="messages_open", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def has_number(self) -> bool:
        """Whether the caller left a number. It is not opened."""
        return has_value(self, "number")

    @property
    def has_sound(self) -> bool:
        """Whether the caller left a spoken message. It is not opened."""
        return has_value(self, "sound")

    def why_not_at(self, now: datetime) -> str | None:
        """The sentence that says why this person may not be called now, or None if they may."""
        hours = Hours(self.hours)
        if not self.has_number:
            return gettext("There is no safe number. Without one nobody is called back.")
        if timezone.localtime(now).hour not in hours.span:
            return gettext("Not at this hour: only %(hours)s.") % {"hours": hours.label}
        return why_wait(self.last_attempt_at, now)

    def next_call_at(self, now: datetime) -> datetime:
        """The earliest next attempt: after the pause since the last one, within the hours that the caller chose."""
        earliest = next_attempt(self.last_attempt_at, now)
        hour, hours = timezone.localtime(earliest), Hours(self.hours).span
        if hour.hour in hours:
            return earliest
        opening = hour.replace(hour=hours.start, minute=0, second=0, microsecond=0)
        return opening if opening > hour else opening + timedelta(days=1)


label_verb("look message", _("read or heard the message"))
