from typing import Any

from django.conf import settings
from django.db import models

from amparo.figures.snapshot.models import PUBLISHER
from amparo.foundation.core import row_security


class Estimate(models.Model):
    """An estimate of hidden people: its lists and its result. The lists hold no names of people, only counts."""

    title = models.CharField(max_length=80)
    lists = models.JSONField()  # {"names": [...], "counts": {cell: people}}; bit i of a cell: on list i. Exact counts
    resamples = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    drawn = models.JSONField(null=True)  # what the page shows (page_content.py), protected; null: not computed yet
    failed = models.BooleanField(default=False)  # the job ended without an answer
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByRole(
        PUBLISHER, web="select, insert, delete",
        worker="select (id, lists, resamples, seed, drawn, failed), update (drawn, failed)",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"estimate {self.pk}"

    @property
    def list_names(self) -> list[str]:
        return list(self.lists["names"])

    @property
    def is_waiting(self) -> bool:
        return self.drawn is None and not self.failed

    @property
    def reading(self) -> dict[str, Any]:
        return dict(self.drawn or {})
