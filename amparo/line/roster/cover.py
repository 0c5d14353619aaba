"""Who covers the line and when: planned shifts combined with valid certificates."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from amparo.foundation.access.models import HOTLINE, Role, User

from .models import ANSWERS, Certificate, Queue, RingingRules, Shift, StaffingRules, SuggestedShift, Variant, Wish

DAYS, HOURS = 7, 24
TAKE_CALLS = (Role.OPERATOR, Role.SUPERVISOR)


@dataclass(frozen=True)
class Span:
    """A time from `start` to before `end` in which this user may be rung. `user`: their id."""

    user: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Stretch:
    """A time in which the number of people who may be rung does not change."""

    start: datetime
    end: datetime
    people: int


@dataclass(frozen=True)
class Cell:
    """One hour of the week."""

    start: datetime
    people: int  # the fewest people at any moment of the hour
    needed: int = 1

    @property
    def cover(self) -> str:
        """How many people there are: "none", "one", "short" (fewer than needed) or "enough"."""
        if self.people < 2:
            return ("none", "one")[self.people]
        return "short" if self.people < self.needed else "enough"


@dataclass(frozen=True)
class DayOfPerson:
    """What the week's table shows of one person on one day."""

    shifts: list[Shift]  # for the person and supervisors also those to which the person cannot come
    suggested: list[SuggestedShift]
    wishes: list[Wish]

    @property
    def is_empty(self) -> bool:
        return not (self.shifts or self.suggested or self.wishes)


@dataclass(frozen=True)
class Week:
    monday: date
    days: list[date]
    people: list[tuple[User, list[list[Shift]]]]  # each person, with their shifts by day of the start
    cover: list[list[Cell]]  # by day and hour
    gaps: list[Stretch]  # nobody may be rung
    suggested: list[SuggestedShift]  # for supervisors: the draft, none of which is planned; one variant
    variants: dict[str, list[SuggestedShift]]  # every suggested variant, until one is chosen
    wishes: list[Wish]  # one's own; for supervisors everybody's

    @property
    def rows(self) -> list[tuple[User, list[DayOfPerson]]]:
        return [
            (
                user,
                [
                    DayOfPerson(
                        shifts,
                        [s for s in self.suggested if (s.user_id, timezone.localdate(s.starts_at)) == (user.pk, day)],
                        [wish for wish in self.wishes if (wish.user_id, wish.day) == (user.pk, day)],
                    )
                    for day, shifts in zip(self.days, days, strict=True)
                ],
            )
            for user, days in self.people
        ]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=DAYS)


def operators() -> list[User]:
    """The people of the hotline who take calls."""
    return _people_of_roles(*TAKE_CALLS)


def operators_and_case_workers() -> list[User]:
    """The people of the hotline who take calls or follow cases."""
    return _people_of_roles(*TAKE_CALLS, Role.CASE_WORKER)


def _people_of_roles(*roles: Role) -> list[User]:
    found = User.objects.filter(agency=HOTLINE, role__in=roles, is_active=True)
    return list(found.order_by("first_name", "pk"))


def local_hour(day: date, hour: int = 0) -> datetime:
    """Return this hour of the day as a moment, in the hotline's time zone."""
    return timezone.make_aware(datetime.combine(day, time()) + timedelta(hours=hour))


def week_of(
    monday: date, queue: Queue = Queue.CALLS, seats: Sequence[int] = (), rules: RingingRules | None = None,
    people: Sequence[User] | None = None,
) -> Week:  # fmt: skip
    """Return the week and its cover.

    `seats`: people that each hour needs, from Monday 0:00; empty: the least of the staffing rules. `people`: those who
    take calls, if the page has read them already. The database shows operators only their own absences, supervisors
    everybody's.
    """
    start, end = local_hour(monday), local_hour(monday + timedelta(days=DAYS))
    needed = seats or [StaffingRules.current().least_seats] * (DAYS * HOURS)
    every = Shift.objects.overlapping(start, end).select_related("absence", "overtime").prefetch_related("offers")
    absences = every.filter(ANSWERS, absence__isnull=False, cancelled_at__isnull=False)
    shifts = sorted(every.not_cancelled() | absences, key=lambda shift: shift.starts_at)
    spans = certified_spans([shift for shift in shifts if shift.covers], queue, rules)
    stretches = stretches_between(spans, start, end)
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    variants, takers = suggestions_by_variant(start, end), operators() if people is None else people
    shown = variants.get(Variant.WANTED) or next(iter(variants.values()), [])
    return Week(
        monday, days, [(user, [_shifts_of_day(shifts, user, day, monday) for day in days]) for user in takers],
        cover_of_week(spans, monday, needed), [each for each in stretches if each.people == 0],
        shown, variants,
        list(Wish.objects.filter(day__gte=monday, day__lt=monday + timedelta(days=DAYS)).order_by("day", "pk")),
    )  # fmt: skip


def suggestions_by_variant(start: datetime, end: datetime) -> dict[str, list[SuggestedShift]]:
    """Return the suggested shifts of this span by variant, in the order of `Variant`. Empty for all but supervisors."""
    found = list(
        SuggestedShift.objects.filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "user_id")
    )
    by_variant = {variant: [each for each in found if each.variant == variant] for variant in Variant.values}
    return {variant: shifts for variant, shifts in by_variant.items() if shifts}


def cover_of_week(spans: Iterable[Span], monday: date, needed: Sequence[int] = ()) -> list[list[Cell]]:
    """Return the hours of the week by day. `needed`: people that each hour needs, from Monday 0:00; empty: one."""
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    stretches = stretches_between(spans, local_hour(monday), local_hour(monday + timedelta(days=DAYS)))
    needed = needed or [1] * (DAYS * HOURS)
    return [
        [_cell_of_hour(stretches, day, hour, needed[HOURS * n + hour]) for hour in range(HOURS)]
        for n, day in enumerate(days)
    ]


def certified_spans(
    shifts: Iterable[Shift | SuggestedShift], queue: Queue = Queue.CALLS, rules: RingingRules | None = None
) -> list[Span]:
    """Return the parts of these shifts in which the person has a certificate for the queue.

    If the rules ask for no certificates, return each shift in full. None: the rules as they are stored.
    """
    if not (rules or RingingRules.current()).by_certificate:
        return [Span(shift.user_id, shift.starts_at, shift.ends_at) for shift in shifts]
    certificates = list(Certificate.objects.filter(queue=queue))
    both = (
        Span(shift.user_id, max(shift.starts_at, each.issued_at), min(shift.ends_at, each.ends_at))
        for shift in shifts
        for each in certificates
        if each.user_id == shift.user_id
    )
    return [span for span in both if span.start < span.end]


def stretches_between(spans: Iterable[Span], start: datetime, end: datetime) -> list[Stretch]:
    """Divide the time from `start` to `end` into stretches with the same number of people."""
    spans = list(spans)
    inside = {edge for span in spans for edge in (span.start, span.end) if start < edge < end}
    found: list[Stretch] = []
    for left, right in itertools.pairwise(sorted({start, end, *inside})):
        people = len({span.user for span in spans if span.start <= left and span.end >= right})
        if found and found[-1].people == people:
            found[-1] = Stretch(found[-1].start, right, people)
        else:
            found.append(Stretch(left, right, people))
    return found


def _cell_of_hour(stretches: list[Stretch], day: date, hour: int, needed: int) -> Cell:
    start, end = local_hour(day, hour), local_hour(day, hour + 1)
    people = min((each.people for each in stretches if each.start < end and each.end > start), default=0)
    return Cell(start, people, needed)


def _shifts_of_day(shifts: list[Shift], user: User, day: date, monday: date) -> list[Shift]:
    """Return the shifts of this person that start on this day. On Monday also those that began before and still run."""
    own = [shift for shift in shifts if shift.user_id == user.pk]
    return [shift for shift in own if max(timezone.localdate(shift.starts_at), monday) == day]
