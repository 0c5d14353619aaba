"""Look for what waits: one function for each kind of event. Each returns ids, and never a name, a number or a word.

The worker runs them with its own rights: of other rooms' tables it reads ids, states and times alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef
from django.utils.timezone import localtime

from amparo.care.police_reports.models import Escalation
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Placement, Stay
from amparo.care.shelters.picklists import WAITING
from amparo.care.shelters.picklists import State as PlacementState
from amparo.foundation.line_settings import hours
from amparo.foundation.line_settings.rules import current
from amparo.line.chat.models import Chat
from amparo.line.roster.cover import certified_spans, stretches_between
from amparo.line.roster.models import Certificate, Shift
from amparo.line.switchboard.models import DangerAlert
from amparo.screens.administration import rules as doctor
from amparo.screens.administration.part import AMBER, RED, Part

NOBODY_TOOK = timedelta(seconds=60)
HOLD_ENDS = timedelta(minutes=20)
UNCOVERED = timedelta(hours=24)
CERTIFICATE_ENDS = timedelta(days=30)
WRITER_WAITS = timedelta(minutes=15)
LOOKED_BACK = timedelta(days=3)  # what has been late for longer stands on the pages, and no notice helps any more


@dataclass(frozen=True)
class Found:
    about: str  # an id or a date; blank: there is one of its kind
    person: int | None = None  # id of the user concerned; None: it concerns no user


class Look:
    """One look of the worker, at one moment. The parts of the machine are examined once, when they are needed first."""

    def __init__(self, now: datetime, parts: list[Part] | None = None) -> None:
        self.now, self._given = now, parts

    @cached_property
    def parts(self) -> list[Part]:
        return doctor.parts(self.now) if self._given is None else self._given


type Finder = Iterator[Found]


def danger(look: Look) -> Finder:
    """Danger that nobody took for a minute."""
    alerts = DangerAlert.objects.filter(acknowledged_at=None, at__lte=look.now - NOBODY_TOOK)
    yield from (Found(str(pk)) for pk in alerts.values_list("pk", flat=True))


def late_units_in_danger(look: Look) -> Finder:
    yield from _late_units(is_danger=True)


def late_units(look: Look) -> Finder:
    yield from _late_units(is_danger=False)


def ending_holds(look: Look) -> Finder:
    """Placements whose beds are reserved for some minutes more."""
    live = Stay.objects.filter(placement=OuterRef("pk"), reserved__contains=look.now)
    ending = live.filter(reserved__endswith__lte=look.now + HOLD_ENDS)
    found = Placement.objects.filter(Exists(ending), state__in=WAITING)
    yield from (Found(str(pk)) for pk in found.values_list("pk", flat=True))


def expired_requests(look: Look) -> Finder:
    """Requests for beds that nobody approved before the hold ended, of the last days."""
    stays = Stay.objects.filter(placement=OuterRef("pk"))
    since = stays.filter(reserved__endswith__gt=look.now - LOOKED_BACK)
    found = Placement.objects.filter(
        ~Exists(stays.filter(reserved__contains=look.now)), Exists(since), state=PlacementState.REQUESTED
    )
    yield from (Found(str(pk)) for pk in found.values_list("pk", flat=True))


def uncovered_hours(look: Look) -> Finder:
    """Dates with an open hour of the next 24 that nobody certified covers. A line that plans no shifts is not asked."""
    until = look.now + UNCOVERED
    if not Shift.objects.filter(ends_at__gt=look.now - timedelta(days=7), cancelled_at=None).exists():
        return
    spans = certified_spans(Shift.objects.planned().overlapping(look.now, until))
    line = current()
    gaps = (each for each in stretches_between(spans, look.now, until) if each.people == 0)
    quarters = (at for gap in gaps for at in _quarters(gap.start, gap.end))
    dates = {localtime(at).date() for at in quarters if hours.is_open(line, at)}
    yield from (Found(date.isoformat()) for date in sorted(dates))


def _quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += timedelta(minutes=15)


def ending_certificates(look: Look) -> Finder:
    """Certificates that end within a month, unless their person has a later one for the same queue."""
    later = Certificate.objects.filter(
        user=OuterRef("user"), queue=OuterRef("queue"), expires_at__gt=OuterRef("expires_at"), revoked_at=None
    )
    found = Certificate.objects.filter(
        ~Exists(later), revoked_at=None, expires_at__gt=look.now, expires_at__lte=look.now + CERTIFICATE_ENDS,
        user__is_active=True,
    )  # fmt: skip
    yield from (Found(str(pk), user) for pk, user in found.values_list("pk", "user"))


def late_referrals(look: Look) -> Finder:
    found = Referral.objects.late(look.now).filter(answer_by__gt=look.now - LOOKED_BACK)
    yield from (Found(str(pk)) for pk in found.values_list("pk", flat=True))


def waiting_writers(look: Look) -> Finder:
    """Written conversations that have waited for an answer for WRITER_WAITS."""
    found = Chat.objects.waiting_in_order().filter(practice_of=None, turn_at__lte=look.now - WRITER_WAITS)
    yield from (Found(str(pk)) for pk in found.values_list("pk", flat=True))


def missed_backup(look: Look) -> Finder:
    yield from _unwell(look, "backup")


def dead_trunk(look: Look) -> Finder:
    yield from (Found("") for part in look.parts if part.key == "trunk" and part.light == RED)


def full_disk(look: Look) -> Finder:
    yield from _unwell(look, "disk")


def ending_server_certificate(look: Look) -> Finder:
    yield from _unwell(look, "certificate")


def red_checks(look: Look) -> Finder:
    """Every part of `amparo doctor` that does not work, but the trunk."""
    unwell = (part for part in look.parts if part.light == RED and part.key != "trunk")
    yield from (Found(key) for key in dict.fromkeys(part.kept_as for part in unwell))


def _unwell(look: Look, key: str) -> Finder:
    unwell = (part for part in look.parts if part.key == key and part.light == AMBER)
    yield from (Found(about) for about in dict.fromkeys(part.of for part in unwell))


def _late_units(*, is_danger: bool) -> Finder:
    late = Escalation.objects.filter(settled_at=None, is_danger=is_danger)
    yield from (Found(str(pk)) for pk in late.values_list("pk", flat=True))
