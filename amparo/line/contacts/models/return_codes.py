"""Return codes: with one, a caller comes back by telephone or web, without a name, and asks what happened.

The code itself (foundation/access/spoken_codes.py) is stored nowhere. Its bearer holds the key of its messages, under
a holder name derived from the code (foundation/access/bearers.py).
"""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from amparo.foundation.access.bearers import bearer_of
from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import checked_digits
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey

from .codes import code_of

LASTS = timedelta(days=366)


class ReturnCodeQuerySet(models.QuerySet["ReturnCode"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(has_key(user.acting()))

    def of_bearer(self, acting: Actor) -> "ReturnCode | None":
        """The return code that the bearer acts with. None: there is none, or it has ended."""
        return self.filter(has_key(acting)).only("pk", "key", "given_at", "until", "contact_number").first()


class ReturnCode(models.Model):
    """A code given at the end of a contact. `bearer` is the holder name under which its bearer holds keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.PROTECT, related_name="return_codes")
    contact_number = models.IntegerField(editable=False)  # the shift answers under a code without seeing its contact
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    bearer = models.CharField(max_length=40, editable=False)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # None: it is valid

    objects = ReturnCodeQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update (ended_at)", site="select (id, key_id, contact_number, given_at, until)"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(ended_at=None), name="a_contact_has_one_return_code_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="a_return_code_ends"),
        ]

    def __str__(self) -> str:
        return f"return code {self.pk}"

    @property
    def contact_code(self) -> str:
        return code_of(self.contact_number)

    def opens(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until

    def take_from_bearer(self) -> None:
        """Delete every key grant of the bearer, also those of cases. The actor must hold the code's own key."""
        with connection.cursor() as cursor:
            cursor.execute("select contacts_revoke_code(%s)", [self.pk])


label_verb("look returncode", gettext_lazy("read what was said with it"))


class ReturnCodeMessageQuerySet(models.QuerySet["ReturnCodeMessage"]):
    def waiting(self) -> Self:
        """Messages of bearers that no staff member has read, oldest first."""
        return self.filter(from_bearer=True, read_at=None).order_by("at", "pk")


class ReturnCodeMessage(models.Model):
    """A message under a return code, from its bearer to the line or from the line to its bearer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.ForeignKey(ReturnCode, on_delete=models.PROTECT, related_name="messages")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    from_bearer = models.BooleanField()
    text = SealedField("return_code_message.text")
    at = models.DateTimeField()
    by = models.ForeignKey(  # None: the bearer of the code
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField(null=True)  # by staff; None: unread
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ReturnCodeMessageQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update (read_at, read_by_id)", site="select, insert")

    class Meta:
        indexes = [models.Index(fields=["at"], name="words_waiting", condition=Q(from_bearer=True, read_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_bearer=True) | Q(by__isnull=False), name="a_word_of_ours_says_whose"
            ),
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="a_word_that_was_read_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"word {self.pk}"


def actor_of_code(text: str) -> Actor:
    """Return the actor as whom the bearer of a spoken code reads and writes.

    Raises `Refused` for a mistyped one, in words that help to find the mistake.
    """
    return bearer_of("code", checked_digits(text))
