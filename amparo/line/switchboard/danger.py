"""Danger alerts: shown to every supervisor at once, then to everybody on shift, until somebody acknowledges.

An alert names the call and who marked it. It contains no words and no number of the caller.
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core import row_security
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState

from .bulk_upsert import Row, add_new
from .models import SHIFT, Call, CallEvent

ESCALATE_AFTER = timedelta(seconds=15)  # without an acknowledgement, everybody on shift is alerted


class DangerAlertQuerySet(models.QuerySet["DangerAlert"]):
    def waiting(self) -> Self:
        """Alerts that nobody has acknowledged, oldest first."""
        return self.filter(acknowledged_at=None).order_by("at", "pk")

    def waiting_for(self, user: User, now: datetime) -> Self:
        """Waiting alerts that this user sees now: supervisors at once, others on shift a little later."""
        if permissions.supervise(user):
            return self.waiting()
        if not Seat.objects.filter(pk=user.pk).exclude(state=SeatState.OFF).exists():
            return self.none()
        return self.waiting().filter(at__lte=now - ESCALATE_AFTER)


class DangerAlert(models.Model):
    """Danger marked in a call, by the caller's key 9 or by an operator. The switchboard writes one per call."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField()
    raised_by = models.ForeignKey(  # None: the caller
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(null=True)  # None: still sounding
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = DangerAlertQuerySet.as_manager()
    protected = row_security.ByRole(
        *SHIFT, web="select, update (acknowledged_at, acknowledged_by_id)", switchboard="select, insert"
    )

    class Meta:
        indexes = [models.Index(fields=["at"], name="danger_waiting", condition=Q(acknowledged_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["call"], name="a_call_has_one_danger_alert"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="an_acknowledged_danger_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"danger alert {self.pk}"


def raise_danger(events: list[Row]) -> None:
    """Create alerts for danger events, each with an audit entry. Call it in the transaction that writes the events."""
    marked: dict[UUID, Row] = {row["call_id"]: row for row in events if row["kind"] == CallEvent.Kind.DANGER}
    if not marked:
        return
    known = set(DangerAlert.objects.filter(call__in=list(marked)).values_list("call_id", flat=True))
    new = [row for call, row in marked.items() if call not in known]
    add_new(DangerAlert, [{"call_id": row["call_id"], "at": row["at"], "raised_by_id": row["user_id"]} for row in new])
    for row in new:
        append("raise_danger", f"call {row['call_id']}")
    notify("danger")


label_verb("raise_danger", gettext_lazy("danger was marked"))


@action(permissions.take_calls, label=gettext_lazy("acknowledged the danger"))
def acknowledge_danger(alert: DangerAlert, *, by: User, now: datetime) -> DangerAlert:
    """Acknowledge an alert, which then stops for everybody. The first acknowledgement is kept."""
    found = DangerAlert.objects.select_for_update().filter(pk=alert.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    if found.acknowledged_at is None:
        found.acknowledged_at, found.acknowledged_by = now, by
        found.save(update_fields=["acknowledged_at", "acknowledged_by"])
        notify("danger")
    return found
