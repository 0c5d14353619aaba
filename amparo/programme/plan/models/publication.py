"""What everybody may read of a plan: proposed by one person, shown by another."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security

from ..picklists import PublicationState
from .law import COORDINATORS, PUBLIC
from .plan import Plan
from .records import Version

PUBLISHER = "hotline/publisher"
WAITS, NOW = Q(state=PublicationState.PROPOSED), Q(state=PublicationState.SHOWN)
NEVER_SHOWN = Q(state__in=(PublicationState.WITHDRAWN, PublicationState.REFUSED))
FORMER = Q(state__in=(PublicationState.REPLACED, PublicationState.TAKEN_DOWN))
WITH_SHOWN, WITHOUT_SHOWN = Q(shown_at__isnull=False, shown_by__isnull=False), Q(shown_at=None, shown_by=None)
WITH_END, WITHOUT_END = Q(ended_at__isnull=False, ended_by__isnull=False), Q(ended_at=None, ended_by=None)


class PublicationQuerySet(models.QuerySet["Publication"]):
    def proposed(self) -> Self:
        return self.filter(WAITS)

    def proposed_by_others(self, user: User) -> Self:
        """Proposals that this user may show or refuse."""
        return self.proposed().exclude(proposed_by=user)

    def with_people(self) -> Self:
        return self.select_related("plan__law", "version", "proposed_by", "shown_by", "ended_by")


class Publication(models.Model):
    """A version of an approved plan for the public page. The states and the two people are constraints."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="publications")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")  # that was approved
    state = models.CharField(max_length=12, choices=PublicationState.options, default=PublicationState.PROPOSED)
    document = models.JSONField()  # what was read in the preview: of who proposed it, then of who showed it
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField(null=True)  # None: never shown
    shown_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)  # None: proposed, or shown now
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)  # why it was refused

    objects = PublicationQuerySet.as_manager()
    protected = row_security.WrittenBy(PUBLIC, *COORDINATORS, PUBLISHER, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=WAITS & WITHOUT_SHOWN & WITHOUT_END | NEVER_SHOWN & WITHOUT_SHOWN & WITH_END
                | NOW & WITH_SHOWN & WITHOUT_END | FORMER & WITH_SHOWN & WITH_END,
                name="a_publication_of_a_plan_says_who_did_what",
            ),
            models.CheckConstraint(
                condition=Q(shown_by=None) | ~Q(shown_by=F("proposed_by")), name="two_people_show_a_plan"
            ),
            models.CheckConstraint(
                condition=~NEVER_SHOWN
                | Q(state=PublicationState.WITHDRAWN, reason="", ended_by=F("proposed_by"))
                | Q(state=PublicationState.REFUSED) & ~Q(reason="") & ~Q(ended_by=F("proposed_by")),
                name="a_refused_plan_says_why_and_its_proposer_withdraws_it",
            ),
            models.UniqueConstraint(fields=["plan"], condition=WAITS, name="a_plan_is_proposed_once_at_a_time"),
            models.UniqueConstraint(fields=["state"], condition=NOW, name="one_plan_is_public_at_a_time"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"publication {self.pk}"

    @property
    def is_proposed(self) -> bool:
        return self.state == PublicationState.PROPOSED

    @property
    def is_shown(self) -> bool:
        return self.state == PublicationState.SHOWN
