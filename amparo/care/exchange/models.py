import uuid

from django.db import models
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.people.models import Person
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey


class UnmappedData(models.Model):
    """Imported data of a case or a person for which we have no field, stored as received."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="unmapped_fields")
    # the key of the case or of the person's identity
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # null: of the case
    is_identity = models.BooleanField(default=False)
    records = SealedField("unmapped_data.records")  # JSON: a record, as the standard writes it

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "is_identity"], name="a_rest_is_kept_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"rest {self.pk}"


label_verb("look unmappeddata", gettext_lazy("read what a file said besides"))
