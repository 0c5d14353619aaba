"""Tasks of the editors of the directory."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amparo.foundation.core import row_security
from amparo.foundation.places import languages, places

from ..picklists import Accepts
from .organization import READERS
from .service import Service


class VerificationTaskQuerySet(models.QuerySet["VerificationTask"]):
    def waiting(self) -> Self:
        """Return the open tasks, the oldest first."""
        return self.filter(done_at=None).select_related("service", "asked_by").order_by("asked_at", "pk")


class VerificationTask(models.Model):
    """A task for an editor: verify a service that was the only match, or find one where there is none.

    It says what is missing in which department. No row says which person the search was for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, null=True, on_delete=models.CASCADE, related_name="verification_tasks"
    )  # null: find one
    department = models.CharField(max_length=2, blank=True)
    accepts = ArrayField(models.CharField(max_length=12, choices=Accepts.options), default=list)
    language = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = VerificationTaskQuerySet.as_manager()
    protected = row_security.ByRole(*READERS, web="select, insert, update (done_at, done_by_id)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "department", "accepts", "language"], condition=Q(done_at=None),
                nulls_distinct=False, name="a_verification_is_requested_once",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="a_done_verification_names_its_user",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"task {self.pk}"

    @property
    def place(self) -> str:
        return places.place_label(self.department)

    @property
    def lacking(self) -> list[str]:
        words = [str(Accepts(it).label) for it in self.accepts]
        return [*words, *filter(None, [languages.language_name(self.language)])]
