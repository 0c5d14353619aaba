"""What a week of shifts is planned by: expected calls, the target, what people wish, and suggested shifts."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist

from .policies import PLANS_CAMPAIGNS, STAFF, SUPERVISOR, OwnOrSupervisor

HOURS_OF_WEEK = 168


class ExpectedCalls(models.Model):
    """Calls that are expected in each hour of the week, from the line's own history. There is one row at most."""

    counted_at = models.DateTimeField()
    weeks = models.PositiveSmallIntegerField()  # of history
    calls = models.PositiveIntegerField()  # counted in these weeks
    rates = ArrayField(models.FloatField(), size=HOURS_OF_WEEK)  # calls an hour, from Monday 0:00, local time
    low = ArrayField(models.FloatField(), size=HOURS_OF_WEEK)  # the true rate lies between these, nine times in ten
    high = ArrayField(models.FloatField(), size=HOURS_OF_WEEK)
    talk_seconds = models.FloatField()  # mean
    patience_seconds = models.FloatField()  # mean time after which a caller who waits gives up

    protected = row_security.ByRole(*STAFF, PLANS_CAMPAIGNS, by=SUPERVISOR, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_row_of_expected_calls"),
            models.CheckConstraint(
                condition=Q(talk_seconds__gt=0, patience_seconds__gt=0, weeks__gt=0, rates__len=HOURS_OF_WEEK)
                & Q(low__len=HOURS_OF_WEEK, high__len=HOURS_OF_WEEK),
                name="expected_calls_are_complete",
            ),
        ]

    def __str__(self) -> str:
        return "expected calls"

    @classmethod
    def current(cls) -> Self | None:
        """Return the row. None: the calls were never counted."""
        return cls.objects.filter(pk=1).first()


class StaffingRules(models.Model):
    """The service level that the line aims at, and the hours that the law allows. Until it is set, defaults apply."""

    percent = models.PositiveSmallIntegerField(default=80)  # of the calls are answered within `seconds`
    seconds = models.PositiveSmallIntegerField(default=20)
    most_abandoned = models.PositiveSmallIntegerField(default=5)  # percent of the calls
    least_seats = models.PositiveSmallIntegerField(default=2)  # at every hour: nobody is left alone
    wrap_up_minutes = models.PositiveSmallIntegerField(default=5)  # after each call, until the next one
    hours_a_day = models.PositiveSmallIntegerField(default=8)  # Peru, TUO of Legislative Decree 854, art. 1
    hours_a_week = models.PositiveSmallIntegerField(default=48)  # the same
    rest_hours = models.PositiveSmallIntegerField(default=12)  # between two shifts of one person
    # Days of work in a row. Peru: a day of rest in each seven (Legislative Decree 713, art. 1); other regimes by
    # agreement (TUO of Legislative Decree 854, Supreme Decree 007-2002-TR, art. 4). A lawyer has not checked this.
    days_in_a_row = models.PositiveSmallIntegerField(default=6, db_default=6)
    # Hours of rest at a stretch in each week, which begins anew after each such rest, and is one day longer than the
    # days of work in a row. Peru: 24 consecutive hours in each week (Legislative Decree 713, art. 1). A lawyer has not
    # checked this either.
    weekly_rest_hours = models.PositiveSmallIntegerField(default=24, db_default=24)

    protected = row_security.ByRole(*STAFF, PLANS_CAMPAIGNS, by=SUPERVISOR, web="select, insert, update")

    BOUNDS = {
        "percent": (1, 99), "seconds": (0, 600), "most_abandoned": (1, 99), "least_seats": (1, 20),
        "wrap_up_minutes": (0, 60), "hours_a_day": (4, 12), "hours_a_week": (4, 60), "rest_hours": (8, 24),
        "days_in_a_row": (3, 12), "weekly_rest_hours": (24, 48),
    }  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_set_of_staffing_rules"),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 99), most_abandoned__range=(1, 99), least_seats__range=(1, 20))
                & Q(hours_a_day__range=(4, 12), hours_a_week__range=(4, 60), rest_hours__range=(8, 24))
                & Q(days_in_a_row__range=(3, 12), weekly_rest_hours__range=(24, 48)),
                name="staffing_rules_are_bounded",
            ),
        ]

    def __str__(self) -> str:
        return "staffing rules"

    @classmethod
    def current(cls) -> Self:
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class WishKind(Picklist):
    CANNOT = "cannot", _("cannot work")
    RATHER_NOT = "rather_not", _("would rather not work")


class WishQuerySet(models.QuerySet["Wish"]):
    def against(self, user: int, start: datetime, end: datetime) -> Self:
        """The wishes of a user (their id) who cannot work on a day of this span; a night shift touches two days."""
        first, last = timezone.localdate(start), timezone.localdate(end - timedelta(microseconds=1))
        return self.filter(user=user, kind=WishKind.CANNOT, day__range=(first, last))


class Wish(models.Model):
    """A day on which somebody cannot work, or would rather not. The reason is their own, and kept nowhere."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=WishKind.options, default=WishKind.CANNOT)

    objects = WishQuerySet.as_manager()
    protected = OwnOrSupervisor(web="select, insert, update, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="a_person_has_one_wish_a_day")]

    def __str__(self) -> str:
        return f"wish {self.pk}"


class Variant(Picklist):
    """How many people a suggested plan aims at in each hour."""

    SPARING = "sparing", _("Sparing: one person fewer in each hour, but never nobody")
    WANTED = "wanted", _("As the line wants")
    AMPLE = "ample", _("Ample: one person more in each hour")


class SuggestedShift(models.Model):
    """A shift of the suggested plan. It binds nobody until a supervisor accepts it; then it becomes a `Shift`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    suggested_at = models.DateTimeField()
    variant = models.CharField(max_length=8, choices=Variant.options, default=Variant.WANTED, db_default=Variant.WANTED)

    protected = row_security.ByRole(SUPERVISOR, web="select, insert, delete")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_suggested_shift_ends_later"),
            models.UniqueConstraint(fields=["variant", "user", "starts_at"], name="a_shift_is_suggested_once"),
        ]

    def __str__(self) -> str:
        return f"suggested shift {self.pk}"
