"""What one shift leaves to the next."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.ground.core import gate
from amparo.ground.vault.fields import SealedField
from amparo.ground.vault.models import DataKey

from .models import Case


class HandOver(models.Model):
    """Three lines for the next shift, so that nobody has to tell it all again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_overs")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    where_it_stands = SealedField()
    what_next = SealedField(null=True)  # None: as the next task says
    what_not_to_ask = SealedField(null=True)  # None: nothing
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)  # null: the next shift has not read it
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    protected = gate.ByKey(web="select, insert, update")

    class Meta:
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
