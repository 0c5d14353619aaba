import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey


class ShiftHandOverQuerySet(models.QuerySet["ShiftHandOver"]):
    def unread(self) -> Self:
        """Hand-overs that nobody has acknowledged, newest first."""
        return self.filter(read_at=None).order_by("-written_at", "pk")

    def waiting_for(self, user: User) -> Self:
        """Unread hand-overs of colleagues."""
        return self.unread().exclude(written_by=user)

    def newest(self) -> Self:
        return self.select_related("written_by", "read_by", "key").order_by("-written_at", "pk")


class ShiftHandOver(models.Model):
    """What somebody left for the next shift: how much was open when they wrote it, and one sentence.

    The page shows these numbers beside what is open now and the reader may see. The data key is forgotten some weeks
    later, and the row with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    words = SealedField("shift_hand_over.words", null=True)  # None: the page says it all
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)  # None: nobody has acknowledged it
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    alerts = models.PositiveIntegerField()  # here and below: how many there were when it was written
    in_danger = models.PositiveIntegerField()
    urgent = models.PositiveIntegerField()
    promises = models.PositiveIntegerField()
    return_calls = models.PositiveIntegerField()

    objects = ShiftHandOverQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update (read_at, read_by_id)")

    class Meta:
        indexes = [models.Index(fields=["-written_at"], name="shift_hand_overs_unread", condition=Q(read_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="an_acknowledged_shift_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None) | ~Q(read_by=F("written_by")), name="a_shift_is_taken_over_by_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"shift hand-over {self.pk}"
