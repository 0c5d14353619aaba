from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.core import row_security

from .policies import STAFF, SUPERVISOR
from .shift import Queue


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def valid(self, queue: Queue, now: datetime) -> Self:
        live = Q(revoked_at=None) | Q(revoked_at__gt=now)
        return self.filter(live, queue=queue, issued_at__lte=now, expires_at__gt=now)


class Certificate(models.Model):
    """Permits somebody to answer a queue until it expires. A revoked certificate is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    queue = models.CharField(max_length=8, choices=Queue.options, default=Queue.CALLS)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # the first moment at which it no longer permits anything
    issued_by = models.ForeignKey(  # None: by passing a course
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    course = models.CharField(max_length=40, blank=True, default="", db_default="")  # blank: a supervisor issued it
    revoked_at = models.DateTimeField(null=True)

    objects = CertificateQuerySet.as_manager()
    protected = row_security.ByRole(  # and see sql/functions.sql
        *STAFF, by=SUPERVISOR, web="select, insert, update (revoked_at)", switchboard="select", worker="select"
    )

    class Meta:
        indexes = [models.Index(fields=["user", "queue", "expires_at"], name="certificates_of_somebody")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="a_certificate_expires_later"),
            models.CheckConstraint(condition=~Q(issued_by=F("user")), name="nobody_certifies_themselves"),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=False, course="") | (Q(issued_by=None) & ~Q(course="")),
                name="a_supervisor_or_a_course_certifies",
            ),
        ]

    def __str__(self) -> str:
        return f"certificate {self.pk}"

    @property
    def ends_at(self) -> datetime:
        """When it stops permitting anything: at its expiry, or earlier if it was revoked."""
        return min(self.expires_at, self.revoked_at or self.expires_at)
