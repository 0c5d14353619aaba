from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.core.ranges import as_range

from .policies import STAFF, SUPERVISOR, OfTheShift


class Queue(Picklist):
    """What a certificate permits somebody to answer."""

    CALLS = "calls", _("calls")
    CHATS = "chats", _("chats")


# Whether the person of a shift takes calls now.
ANSWERS = Q(user__is_active=True, user__agency__kind=Kind.HOTLINE, user__role__in=(Role.OPERATOR, Role.SUPERVISOR))


class ShiftKind(Picklist):
    """What somebody is planned to do. On call they are reachable, and cover nothing until they are called in."""

    LINE = "line", _("at the line")
    ON_CALL = "on_call", _("on call")


class Exceeding(Picklist):
    """Why a shift goes beyond the hours that the law allows, or shortens the rest.

    In Peru overtime is voluntary, except in an emergency that endangers people or the service (TUO of Legislative
    Decree 854, art. 9); a day of rest that is worked is paid or replaced (Legislative Decree 713, art. 3). No reason of
    a private kind is kept.
    """

    AGREED = "agreed", _("the person agreed to it")
    EMERGENCY = "emergency", _("an emergency: the line would stand still")


class ShiftQuerySet(models.QuerySet["Shift"]):
    def not_cancelled(self) -> Self:
        """Shifts that were not cancelled, on call or not; of those not over, only shifts of people who take calls."""
        return self.filter(Q(ends_at__lte=Now()) | ANSWERS, cancelled_at=None)

    def planned(self) -> Self:
        """Shifts that cover the line: not cancelled, and not on call unless called in."""
        return self.not_cancelled().meant_for_the_line()

    def meant_for_the_line(self) -> Self:
        """Shifts that are not on call or were called in, cancelled or not."""
        return self.filter(Q(kind=ShiftKind.LINE) | Q(called_in_at__isnull=False))

    def on_call(self, now: datetime) -> Self:
        """Shifts of people who are on call now, and not called in."""
        return self.not_cancelled().filter(
            kind=ShiftKind.ON_CALL, called_in_at=None, starts_at__lte=now, ends_at__gt=now
        )

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Shift(models.Model):
    """A span of time in which somebody is planned to answer. A cancelled shift is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # the first moment after the shift
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ShiftKind.options, default=ShiftKind.LINE, db_default=ShiftKind.LINE)
    called_in_at = models.DateTimeField(null=True)  # when somebody on call was called in; None: they were not
    cancelled_at = models.DateTimeField(null=True)
    planned_end = models.DateTimeField(null=True)  # of a shift that ended early; None: it ends as planned

    objects = ShiftQuerySet.as_manager()
    protected = row_security.ByRole(
        *STAFF, by=SUPERVISOR, web="select, insert, update", switchboard="select", worker="select"
    )

    class Meta:
        indexes = [models.Index(fields=["starts_at", "ends_at"], name="shifts_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_its_start"),
            ExclusionConstraint(
                name="a_person_has_one_shift_at_a_time",
                expressions=[
                    (as_range("user"), RangeOperators.OVERLAPS),
                    (Func("starts_at", "ends_at", Value("[)"), function="tstzrange", output_field=DateTimeRangeField()),
                     RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"shift {self.pk}"

    @property
    def hours_planned(self) -> timedelta:
        """How long it was planned to last, also if it ended early."""
        return (self.planned_end or self.ends_at) - self.starts_at

    @property
    def covers(self) -> bool:
        """Whether the shift covers the line: it is not cancelled, and not on call unless called in."""
        return self.cancelled_at is None and (self.kind == ShiftKind.LINE or self.called_in_at is not None)

    @property
    def is_absent(self) -> bool:
        """Whether the person cannot come, or could not stay. False when a colleague reads it: a policy hides why."""
        return getattr(self, "absence", None) is not None

    @property
    def is_absence(self) -> bool:
        """Whether the person cannot come at all, so that the shift is cancelled."""
        return self.is_absent and self.cancelled_at is not None

    @property
    def exceeding(self) -> str:
        """Why the shift breaks a limit of hours or rest. Blank: it breaks none, or the reader is a colleague."""
        overtime = getattr(self, "overtime", None)
        return overtime.reason if overtime else ""

    @property
    def offer(self) -> "ShiftOffer | None":
        """Return the open offer of this shift to colleagues, or None."""
        return next((each for each in self.offers.all() if each.is_open), None)


class Absence(models.Model):
    """Says that the person of a shift cannot come or stay. Colleagues see only that it was cancelled or ended early."""

    shift = models.OneToOneField(Shift, primary_key=True, on_delete=models.CASCADE, related_name="absence")
    recorded_at = models.DateTimeField()

    protected = OfTheShift(web="select, insert")

    def __str__(self) -> str:
        return f"absence from shift {self.pk}"


class Overtime(models.Model):
    """The reason why a shift goes beyond the hours that a person may work, or shortens their rest."""

    shift = models.OneToOneField(Shift, primary_key=True, on_delete=models.CASCADE, related_name="overtime")
    reason = models.CharField(max_length=10, choices=Exceeding.options)

    protected = OfTheShift(web="select, insert, delete")

    def __str__(self) -> str:
        return f"overtime of shift {self.pk}"


class PublishedWeek(models.Model):
    """A week in which no change of a shift may leave an hour uncovered. Other weeks are protected once they begin."""

    monday = models.DateField(primary_key=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert")

    def __str__(self) -> str:
        return f"week of {self.monday}"


class ShiftOfferQuerySet(models.QuerySet["ShiftOffer"]):
    def open(self, now: datetime) -> Self:
        return self.filter(taken_at=None, withdrawn_at=None, shift__cancelled_at=None, shift__starts_at__gt=now)

    def lost_by(self, user: User, now: datetime) -> Self:
        """Offers of this user that ended because the shift's hours changed, until they offer it anew or it begins."""
        later = ShiftOffer.objects.filter(shift=OuterRef("shift"), pk__gt=OuterRef("pk"))
        to_come = self.filter(shift__user=user, shift__cancelled_at=None, shift__starts_at__gt=now)
        return to_come.filter(~Exists(later), offered_by=user, hours_changed=True)


class ShiftOffer(models.Model):
    """An offer of a shift to colleagues. The colleague who takes it works the shift. Supervisors see every swap."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="offers")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    hours_changed = models.BooleanField(default=False, db_default=False)  # withdrawn because a supervisor changed them
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    objects = ShiftOfferQuerySet.as_manager()
    protected = row_security.ByRole(*STAFF, own="offered_by_id", web="select, insert, update (withdrawn_at)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(taken_at=None, withdrawn_at=None), name="a_shift_is_offered_once"
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None, taken_at=None) | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="who_takes_a_shift_takes_it_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"shift offer {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.taken_at is None and self.withdrawn_at is None
