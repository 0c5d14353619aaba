"""A talk offered to an operator after a hard contact."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.access.models import User
from amparo.line.contacts import picklists
from amparo.line.roster.models import OwnOrSupervisor

from .codes import code_of
from .contact import Contact

OFFER_LASTS = timedelta(days=7)


class DebriefQuerySet(models.QuerySet["Debrief"]):
    def offered(self, now: datetime) -> Self:
        """Talks offered in the last days that are neither taken nor declined, oldest first."""
        recent = self.filter(state=picklists.DebriefState.OFFERED, offered_at__gt=now - OFFER_LASTS)
        return recent.order_by("offered_at", "pk")

    def newest_of(self, operator: User) -> Self:
        return self.filter(operator=operator).select_related("with_whom").order_by("-offered_at", "-pk")


class Debrief(models.Model):
    """A talk offered after a hard contact: taken or declined. Nothing of what was said is kept.

    Its operator and supervisors see it, nobody else. It is deleted when the words of its contact are.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="debrief")
    contact_number = models.IntegerField(editable=False)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=picklists.DebriefState.options, default=picklists.DebriefState.OFFERED
    )
    answered_at = models.DateTimeField(null=True)  # None: it is neither taken nor declined
    with_whom = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    talked_at = models.DateTimeField(null=True)  # None: they did not talk

    objects = DebriefQuerySet.as_manager()
    protected = OwnOrSupervisor("operator_id", supervisor_writes=True, web="select, insert, update, delete")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=picklists.DebriefState.TAKEN, with_whom__isnull=False, talked_at__isnull=False)
                | ~Q(state=picklists.DebriefState.TAKEN) & Q(with_whom=None, talked_at=None),
                name="a_debrief_that_was_taken_says_with_whom",
            ),
            models.CheckConstraint(
                condition=Q(state=picklists.DebriefState.OFFERED, answered_at=None)
                | ~Q(state=picklists.DebriefState.OFFERED) & Q(answered_at__isnull=False),
                name="an_answered_debrief_says_when",
            ),
            models.CheckConstraint(condition=~Q(with_whom=F("operator")), name="nobody_debriefs_alone"),
        ]
        indexes = [models.Index(fields=["operator", "-offered_at"], name="debriefs_of_somebody")]

    def __str__(self) -> str:
        return f"debrief {self.pk}"

    def is_recent(self, now: datetime) -> bool:
        """Whether the offer still stands. Later it is shown, but nobody is asked about it."""
        return self.offered_at > now - OFFER_LASTS

    @property
    def contact_code(self) -> str:
        return code_of(self.contact_number)
