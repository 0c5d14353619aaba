"""Hand-over notes from one shift to the next."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.care.cases.picklists import OPEN
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def unread(self) -> Self:
        """Filter to unread notes, newest first."""
        return self.filter(read_at=None).order_by("-written_at", "pk")

    def handed_over_to(self, user: User) -> Self:
        """Filter to unread notes for `user`: addressed by name, or to the team that the user belongs to."""
        addressed = Q(to=user) | Q(to=None, case__team__user=user, case__team__until=None)
        return self.unread().filter(addressed, case__state__in=OPEN).exclude(written_by=user)


class HandOver(models.Model):
    """A note for the next shift in three short texts, so that the person does not have to repeat their story."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="hand_overs")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    where_it_stands = SealedField("hand_over.where_it_stands")
    what_next = SealedField("hand_over.what_next", null=True)  # None: the next task says it
    what_not_to_ask = SealedField("hand_over.what_not_to_ask", null=True)
    to = models.ForeignKey(  # null: the first member of the team who reads it
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)  # null: not read yet
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = HandOverQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        indexes = [models.Index(fields=["case"], name="hand_overs_not_read", condition=Q(read_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="a_hand_over_that_was_read_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None) | ~Q(read_by=F("written_by")), name="a_hand_over_is_read_by_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"
