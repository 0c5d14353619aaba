from django.db import models

from amparo.foundation.core import row_security

from .contact import Contact


class Draft(models.Model):
    """What one open page has saved: the last revision of each field. A late revision never overwrites a newer one."""

    key = models.UUIDField(primary_key=True, editable=False)  # made by the page
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="drafts")
    revision = models.PositiveIntegerField()
    fields = models.JSONField(default=dict)  # field -> revision
    saved_at = models.DateTimeField()

    protected = row_security.ThroughParent(
        "contact_id", "contacts.Contact", web="select, insert, update", worker="select, delete"
    )

    class Meta:
        indexes = [models.Index(fields=["saved_at"], name="drafts_by_age")]

    def __str__(self) -> str:
        return f"draft {self.key}"
