from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import WATCHERS, Agency, User
from amparo.foundation.audit.labels import Purpose, label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.models import DataKey


class AccessReason(models.Model):
    """Why somebody opens a file outside their current work; they need not repeat it before `until`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=12, choices=Purpose.options)
    at = models.DateTimeField()
    until = models.DateTimeField()

    protected = row_security.OwnRows("user_id", web="select, insert, delete")

    class Meta:
        indexes = [models.Index(fields=["user", "key", "-at"], name="openings_newest_first")]

    def __str__(self) -> str:
        return f"opening {self.pk}"


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: User) -> Self:
        """Return the alerts to the user's agency, except those about the user. Empty if they may not see alerts.

        Row security shows the same.
        """
        if not permissions.watch(user):
            return self.none()
        return self.filter(to_agency=user.agency_id).exclude(about=user.pk)

    def waiting(self) -> Self:
        """Return unanswered alerts, the oldest first."""
        return self.filter(answered_at=None).order_by("at", "pk")


class Alert(models.Model):
    """Unusual access by one person. It says who and when, never which file: that stands in the ledger.

    Only the SQL function `audit.watch` adds rows, in the transaction that seals the entry.
    """

    class Kind(Picklist):
        BUDGET = "budget", _("opened 25 different files within 7 days that were not their current work")
        CANARY = "canary", _("opened a file that nobody has a reason to open")
        MOVED = "moved", _("corrected the time or place of one event or spot five times within a day")

    class Answer(Picklist):
        EXPLAINED = "explained", _("it is explained")
        TALKED = "talked", _("I talked with them")
        PASSED_ON = "passed_on", _("I passed it on to their head")

    kind = models.CharField(max_length=8, choices=Kind.options)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10, choices=Answer.options, blank=True)
    answered_at = models.DateTimeField(null=True)  # None: it waits
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AlertQuerySet.as_manager()
    protected = row_security.ToAgency(
        "to_agency_id", *WATCHERS, but="about_id", web="select, update (answer, answered_at, answered_by_id)"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="an_answered_alert_says_who_and_what",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("about")),
                name="nobody_answers_an_alert_about_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"


class Canary(models.Model):
    """A file that nobody has a reason to open. No database role of ours can read this table: only SQL functions can."""

    key = models.OneToOneField(DataKey, primary_key=True, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    protected = row_security.ClosedTable()

    def __str__(self) -> str:
        return "a canary"


label_verb("mark_canary", _("marked a decoy record"))
label_verb("unmark_canary", _("ended a decoy record"))
