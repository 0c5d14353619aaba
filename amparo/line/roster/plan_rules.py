"""Rules for planning a week: suggest shifts, accept suggestions, record wishes, and set the service level of the line.

The suggestion plans nothing by itself: a supervisor accepts shifts.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .cover import DAYS, certified_spans, local_hour, operators
from .models import Queue, RingingRules, Seat, Shift, StaffingRules, SuggestedShift, Variant, Wish, WishKind
from .need import Demand
from .shift_rules import store_shift
from .suggesting import SECONDS, Span, Worker, WorkingLimits, suggest_shifts
from .uncovered import lock_shifts

AROUND = timedelta(days=14)  # read outside the week, for rest and days in a row: more than `BOUNDS` allows of these
FURTHEST = timedelta(days=366)  # how far ahead a wish may be


@action(permissions.supervise, label=gettext_lazy("had a plan of shifts suggested"))
def suggest_plan(
    monday: date, variants: Sequence[Variant] = (Variant.WANTED,), *, by: User, now: datetime
) -> list[SuggestedShift]:
    """Suggest shifts for the hours of this week that lack people, in place of earlier suggestions. It plans no shift.

    Of several variants, a supervisor chooses one (`choose_variant`).

    Raises `Refused` if the calls were never counted, or the week is over.
    """
    demand, start = Demand.current(), local_hour(monday)
    if demand is None:
        raise Refused(_("First count the calls: the plan follows from them."))
    if local_hour(monday + timedelta(days=DAYS)) <= now:
        raise Refused(_("This week is over. Choose a later one."))
    rules = demand.rules
    limits = WorkingLimits(
        rules.hours_a_day, rules.hours_a_week, rules.rest_hours, rules.days_in_a_row, rules.weekly_rest_hours
    )
    workers, seconds = workers_of(monday), SECONDS / len(variants)
    SuggestedShift.objects.filter(**_starts_in_week(monday)).delete()
    made = [
        SuggestedShift(user_id=it.worker, starts_at=start + timedelta(hours=it.start),
                       ends_at=start + timedelta(hours=it.end), suggested_at=now, variant=variant)
        for variant in variants
        for it in suggest_shifts(
            workers, demand.seats_of(variant), limits, earliest=_hours_since(now, start), seconds=seconds
        )
    ]  # fmt: skip
    return SuggestedShift.objects.bulk_create(made)


@action(permissions.supervise, label=gettext_lazy("accepted suggested shifts"))
def accept_suggestions(suggestions: Iterable[SuggestedShift], *, by: User, now: datetime) -> list[Shift]:
    """Plan these suggested shifts, and delete the suggestions. Shifts that do not fit any more are left out.

    A shift does not fit if it has begun, overlaps another one of the person, breaks their hours or rest, is on a day on
    which they cannot work or are absent, or if they may not answer then any more.
    """
    lock_shifts()
    made = []
    for each in list(suggestions):
        if each.starts_at > now and _still_fits(each):
            shift = store_shift(Shift(user=each.user, starts_at=each.starts_at, ends_at=each.ends_at, planned_by=by))
            made += [shift] if shift else []
        each.delete()
    notify("seats")
    return made


@action(permissions.supervise, label=gettext_lazy("chose one of the suggested plans"))
def choose_variant(monday: date, variant: Variant, *, by: User, now: datetime) -> None:
    """Keep this variant of the suggestions, and delete the others. It plans no shift."""
    suggested = SuggestedShift.objects.filter(**_starts_in_week(monday))
    if not suggested.filter(variant=variant).exists():
        raise Refused(_("This plan is no longer suggested. Let it be suggested anew."))
    suggested.exclude(variant=variant).delete()


@action(permissions.supervise, label=gettext_lazy("discarded suggested shifts"))
def discard_suggestions(monday: date, *, by: User) -> None:
    SuggestedShift.objects.filter(**_starts_in_week(monday)).delete()


@action(permissions.take_calls, label=gettext_lazy("said on which day they cannot work"))
def wish_day(day: date, kind: WishKind, *, by: User, now: datetime) -> Wish:
    """Record that `by` cannot work on this day, or would rather not. No reason is asked. The newest wish counts."""
    if not now < local_hour(day + timedelta(days=1)) <= now + FURTHEST:
        raise Refused(_("Choose a day from today on, within a year."))
    wish, _is_new = Wish.objects.update_or_create(user=by, day=day, defaults={"kind": kind})
    return wish


@action(permissions.take_calls, label=gettext_lazy("withdrew what they had said of a day"))
def withdraw_wish(wish: Wish, *, by: User) -> None:
    if wish.user_id != by.pk:
        raise Refused(_("Only the person who said it withdraws it."))
    Wish.objects.filter(pk=wish.pk).delete()


@action(permissions.supervise, label=gettext_lazy("changed the service that shifts are planned for"))
def set_staffing_rules(values: dict[str, int], *, by: User) -> StaffingRules:
    """Set the service level that the line aims at, and the hours that the law allows.

    `values`: every column of `StaffingRules` by name. Raises `Refused` if one is out of bounds.
    """
    for name, (least, most) in StaffingRules.BOUNDS.items():
        if not least <= values[name] <= most:
            raise Refused(_("Correct the numbers: one is too small or too large."))
    rules = StaffingRules(pk=1, **values)
    StaffingRules.objects.bulk_create([rules], update_conflicts=True, unique_fields=["pk"], update_fields=list(values))
    return rules


def workers_of(monday: date) -> list[Worker]:
    """Return everybody who takes calls, with their shifts, wishes, absences, languages and certificates."""
    start, end = local_hour(monday), local_hour(monday + timedelta(days=DAYS))
    shifts = list(Shift.objects.not_cancelled().overlapping(start - AROUND, end + AROUND))
    wishes = list(
        Wish.objects.filter(day__gte=monday, day__lte=monday + timedelta(days=DAYS))
    )  # Sunday's night ends then
    absent = _days_of_absence(start, end + timedelta(days=1))
    languages = dict(Seat.objects.values_list("user_id", "languages"))
    ruled = RingingRules.current().by_certificate
    found = []
    for user in operators():
        work, on_call = (
            tuple(
                _span_in_hours(shift.starts_at, shift.ends_at, start)
                for shift in shifts
                if shift.user_id == user.pk and shift.covers == covers
            )
            for covers in (True, False)
        )
        spoken = frozenset(languages.get(user.pk, ["es"]))
        cannot, rather_not = (
            frozenset((wish.day - monday).days for wish in wishes if (wish.user_id, wish.kind) == (user.pk, kind))
            for kind in (WishKind.CANNOT, WishKind.RATHER_NOT)
        )
        cannot |= {(day - monday).days for who, day in absent if who == user.pk}
        may_answer = _certified_spans(user, start, end) if ruled else Worker.may_answer
        found.append(Worker(user.pk, spoken, work, on_call, cannot, rather_not, may_answer))
    return found


def _certified_spans(user: User, start: datetime, end: datetime) -> tuple[Span, ...]:
    """Return when this person may answer calls, from `AROUND` before the week until `AROUND` after it.

    In hours from the Monday at `start`.
    """
    everything = Shift(user=user, starts_at=start - AROUND, ends_at=end + AROUND)
    return tuple(_span_in_hours(span.start, span.end, start) for span in certified_spans([everything], Queue.CALLS))


def _span_in_hours(start: datetime, end: datetime, monday: datetime) -> Span:
    return _hours_since(start, monday), _hours_since(end, monday)


def _hours_since(moment: datetime, monday: datetime) -> float:
    return (moment - monday).total_seconds() / 3600


def _still_fits(suggestion: SuggestedShift) -> bool:
    """Whether the person may answer during the full shift, did not say that they cannot, and is not absent that day."""
    user, start, end = suggestion.user, suggestion.starts_at, suggestion.ends_at
    if not permissions.take_calls(user) or Wish.objects.against(user.pk, start, end).exists():
        return False
    days = _days_of_shift(start, end)
    if any(
        (user.pk, day) in _days_of_absence(local_hour(min(days)), local_hour(max(days) + timedelta(days=1)))
        for day in days
    ):
        return False
    spans = certified_spans([Shift(user=user, starts_at=start, ends_at=end)], Queue.CALLS)
    return any(span.start <= start and end <= span.end for span in spans)


def _days_of_absence(start: datetime, end: datetime) -> set[tuple[int, date]]:
    """Return pairs of user id and day: the days of shifts in this span that the person missed or left early."""
    missed = Shift.objects.filter(absence__isnull=False).annotate(until=Coalesce("planned_end", "ends_at"))
    rows = missed.filter(starts_at__lt=end, until__gt=start).values_list("user", "starts_at", "until")
    return {(user, day) for user, begins, until in rows for day in _days_of_shift(begins, until)}


def _days_of_shift(start: datetime, end: datetime) -> set[date]:
    """The days of a shift, which is shorter than a day: one or two."""
    return {timezone.localdate(start), timezone.localdate(end - timedelta(microseconds=1))}


def _starts_in_week(monday: date) -> dict[str, datetime]:
    return {"starts_at__gte": local_hour(monday), "starts_at__lt": local_hour(monday + timedelta(days=DAYS))}
