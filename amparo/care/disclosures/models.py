import uuid

from django.db import models

from amparo.care.consent.picklists import Data
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey


class Detail(models.Model):
    """One item about a person in a report or a referral. That person can withdraw this item and leave the others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    data = models.CharField(max_length=20, choices=Data.options)
    words = SealedField("disclosed_item.words")
    because = models.CharField(max_length=32, choices=Because.options)
    basis = models.UUIDField()
    until = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.data} {self.pk}"

    @property
    def place(self) -> int:
        """The position of this item in forms and on pages."""
        return list(Data).index(Data(self.data))
