"""Alerts of danger, and who sees them."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState

from .call import SHIFT, Call

ANSWER_SHOWN = timedelta(minutes=15)  # how long the user who raised an alert sees who acknowledged it
ESCALATE_AFTER = timedelta(seconds=15)  # without an acknowledgement, everybody on shift is alerted
# Without one for so long, who raised it may end it: perhaps nobody else is there (docs/decisions/0036).
UNANSWERED_AFTER = timedelta(minutes=1)


class DangerAlertQuerySet(models.QuerySet["DangerAlert"]):
    def waiting(self) -> Self:
        """Alerts that nobody has acknowledged: those of our people first, because a caller's key may be a mistake; then
        the oldest.
        """
        by_caller = ExpressionWrapper(Q(raised_by=None), models.BooleanField())
        return self.filter(acknowledged_at=None).order_by(by_caller.asc(), "at", "pk")

    def may_be_shown(self, now: datetime) -> Self:
        """Alerts that wait, or whose answer somebody may still be shown; the pages say exactly to whom."""
        is_new = Q(acknowledged_at__gt=now - ANSWER_SHOWN) | Q(call__in=Call.objects.live())
        return self.filter(Q(acknowledged_at=None) | is_new)

    def waiting_for(self, user: User, now: datetime) -> Self:
        """Waiting alerts that this user sees now: supervisors at once, others on shift a little later.

        An alert that an operator raised is shown to that operator only after a minute without an acknowledgement.
        """
        if permissions.supervise(user):
            return self.waiting()
        if not Seat.objects.filter(pk=user.pk).exclude(state=SeatState.OFF).exists():
            return self.none()
        own = {"raised_by": user, "at__gt": now - UNANSWERED_AFTER}
        return self.waiting().filter(at__lte=now - ESCALATE_AFTER).exclude(**own)


class DangerAlert(models.Model):
    """Danger marked in a call by the caller (key 9) or an operator, or in a chat by its operator.

    At most two alerts of a call wait at a time, one by the caller's key and one by our people; of a chat, one. Danger
    that is marked after an acknowledgement makes another alert.
    """

    call = models.ForeignKey(
        Call, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    chat = models.UUIDField(null=True)  # its id: this room knows no chats
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
        *SHIFT,
        web="select, insert, update (acknowledged_at, acknowledged_by_id)",
        switchboard="select, insert",
        worker="select (id, at, acknowledged_at)",
    )

    class Meta:
        indexes = [models.Index(fields=["at"], name="danger_waiting", condition=Q(acknowledged_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                name="a_callers_key_has_one_waiting_danger_alert",
                condition=Q(acknowledged_at=None, raised_by=None),
            ),
            models.UniqueConstraint(
                fields=["call"],
                name="operators_of_a_call_have_one_waiting_danger_alert",
                condition=Q(acknowledged_at=None, raised_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["chat"], name="a_chat_has_one_waiting_danger_alert", condition=Q(acknowledged_at=None)
            ),
            # The journal may write the same event twice: when only the answer to its commit was lost.
            models.UniqueConstraint(fields=["call", "at"], name="one_press_is_one_danger_alert"),
            models.CheckConstraint(
                condition=Q(call=None, chat__isnull=False) | Q(call__isnull=False, chat=None),
                name="danger_is_in_a_call_or_in_a_chat",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="an_acknowledged_danger_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"danger alert {self.pk}"
