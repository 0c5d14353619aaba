from django.db import models

from amparo.care.people.models import Person
from amparo.foundation.core import row_security
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import ReturnCode


class ReturnCodeOwner(models.Model):
    """The person a return code belongs to. Whoever has the code may learn what became of that person's case."""

    code = models.OneToOneField(ReturnCode, on_delete=models.PROTECT, primary_key=True, related_name="owner")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # the case's key

    # the owner chose to read the police unit's words on the page
    reads_words = models.BooleanField(default=False, db_default=False)

    protected = row_security.ByKey(web="select, insert", site="select")

    def __str__(self) -> str:
        return f"return code {self.code_id} of person {self.person_id}"
