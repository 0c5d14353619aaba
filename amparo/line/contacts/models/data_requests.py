"""Requests of a person about their data: to hear it, correct it or erase it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from amparo.foundation.core import row_security
from amparo.line.contacts import picklists

from .codes import code_of
from .contact import Contact


class DataSubjectRequestQuerySet(models.QuerySet["DataSubjectRequest"]):
    def waiting(self) -> Self:
        """Requests that are not answered yet, nearest deadline first."""
        return self.filter(answered_at=None).order_by("due_on", "pk")


class DataSubjectRequest(models.Model):
    """A request about the data of a person: a task with a deadline.

    It outlives the data it erases, and names nobody.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="requests")
    contact_number = models.IntegerField(editable=False)  # a copy, because an erased contact is hidden from everybody
    right = models.CharField(max_length=10, choices=picklists.Right.options)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True)  # None: not answered yet
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=12, choices=picklists.Answer.options, blank=True)

    objects = DataSubjectRequestQuerySet.as_manager()
    protected = row_security.ByRole("hotline/operator", "hotline/supervisor", web="select, insert, update")

    class Meta:
        indexes = [models.Index(fields=["due_on"], name="requests_by_deadline", condition=Q(answered_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "right"], condition=Q(answered_at=None), name="a_right_is_asked_for_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="an_answer_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"

    @property
    def contact_code(self) -> str:
        return code_of(self.contact_number)

    def is_late(self, now: datetime) -> bool:
        return self.answered_at is None and timezone.localtime(now).date() > self.due_on
