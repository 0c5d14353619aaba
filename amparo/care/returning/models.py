from django.db import models

from amparo.care.people.models import Person
from amparo.foundation.core import row_security
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.codes import ReturnCode


class ReturnCodeOwner(models.Model):
    """A code is this person's: what becomes of her case may be told to whoever has it."""

    code = models.OneToOneField(ReturnCode, on_delete=models.PROTECT, primary_key=True, related_name="belonging")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the case

    reads_words = models.BooleanField(default=False, db_default=False)  # she chose to read on the page what she is told

    protected = row_security.ByKey(web="select, insert", site="select")

    def __str__(self) -> str:
        return f"return code {self.code_id} of person {self.person_id}"
