"""The words of the line's lists, as they were changed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from amparo.foundation.core import row_security


class WordChangeQuerySet(models.QuerySet["WordChange"]):
    def newest_of_each(self) -> "WordChangeQuerySet":
        """Return the newest change of each word, and of the order of each list."""
        return self.order_by("list", "code", "-pk").distinct("list", "code")

    def newest_first(self) -> "WordChangeQuerySet":
        return self.select_related("by").order_by("-pk")


class WordChange(models.Model):
    """One change of one word, or of the order of a list. Rows are only added; the newest one of a word is in force."""

    list = models.CharField(max_length=40)
    code = models.CharField(max_length=20, blank=True)  # blank: the order of the list
    value = models.JSONField(
        null=True
    )  # texts of a word and whether it is retired, or codes in order; None: as shipped
    before = models.JSONField(null=True)  # the value before; None: as shipped, or the line had no such word
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    objects = WordChangeQuerySet.as_manager()
    protected = row_security.OpenTable(
        "the words that one chooses in forms; no secret and nobody's data",
        by="(select acting.role()) = 'hotline/administrator'",
        web="select, insert", worker="select", switchboard="select",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["list", "code", "-id"], name="changes_of_a_word_by_age")]

    def __str__(self) -> str:
        return f"change {self.pk} of {self.list}"
