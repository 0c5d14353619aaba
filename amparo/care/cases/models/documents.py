"""Documents of a case. They are sealed, limited in size, and of a few file types recognised by their first bytes."""

import uuid

import puremagic
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from amparo.foundation.core import row_security
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import SealedBytes, SealedField
from amparo.foundation.vault.models import DataKey

from .case import Case

LARGEST = 5_000_000  # bytes
KINDS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}  # types that open without running code
PICTURES = ("image/jpeg", "image/png")


class Document(models.Model):
    """One document as it was uploaded. It never changes; a better copy is another document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    title = SealedField("document.title")  # our description; the name of the uploaded file is not stored
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    size = models.PositiveIntegerField()  # bytes
    content = SealedBytes("document.content")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["case", "-added_at"], name="documents_newest_first")]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0, size__lte=LARGEST), name="a_document_has_a_size"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="a_document_is_of_a_known_kind"),
        ]

    def __str__(self) -> str:
        return f"document {self.pk}"

    @property
    def is_picture(self) -> bool:
        return self.kind in PICTURES

    @property
    def extension(self) -> str:
        return KINDS[self.kind]


def mime_type_of(content: bytes) -> str:
    """Return the MIME type, from the first bytes. Raises `Refused` if the file is empty, too large or not allowed."""
    if not content:
        raise Refused(_("The file is empty. Choose another one."))
    if len(content) > LARGEST:
        raise Refused(_("The file is larger than 5 MB. Make it smaller, or add it in parts."))
    try:
        kind = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        kind = ""
    if kind not in KINDS:
        raise Refused(_("Only PDF, JPEG and PNG are kept. Take a picture of it, or print it as PDF."))
    return str(kind)
