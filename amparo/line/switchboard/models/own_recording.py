"""The line's own recordings of what callers hear."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from amparo.foundation.core import row_security


class OwnRecordingQuerySet(models.QuerySet["OwnRecording"]):
    def newest_of_each(self) -> "OwnRecordingQuerySet":
        """Return the newest row of each prompt in each language."""
        return self.order_by("prompt", "language", "-pk").distinct("prompt", "language")


class OwnRecording(models.Model):
    """One decision about one prompt in one language. Rows are only added; the newest one is in force."""

    prompt = models.CharField(max_length=40)  # its id in prompts.toml
    language = models.CharField(max_length=8)  # as in prompts.toml, or "any"
    sound = models.BinaryField(null=True)  # 8 kHz µ-law in whole frames; None: what Amparo ships is played again
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    objects = OwnRecordingQuerySet.as_manager()
    protected = row_security.OpenTable(
        "what everybody hears who calls the line; nobody's data",
        by="(select acting.role()) = 'hotline/administrator'",
        web="select, insert", worker="select", switchboard="select",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["prompt", "language", "-id"], name="recordings_of_a_prompt_by_age")]

    def __str__(self) -> str:
        return f"recording {self.pk} of {self.language}/{self.prompt}"
