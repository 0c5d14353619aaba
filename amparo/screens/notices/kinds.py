"""The events of which people who are away are notified. A new one is a line in `KINDS` and a function of finding.py."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import finding
from .finding import Found, Look


class Audience(Enum):
    """Who is notified at one step of a ladder."""

    PERSON = _("whom it is about")
    ON_SHIFT = _("who is on shift or on call")
    PLACEMENT_OFFICERS = _("placement officers")
    SUPERVISORS = _("supervisors")
    COORDINATORS = _("administrators")

    @property
    def label(self) -> Promise:
        label: Promise = self.value
        return label


@dataclass(frozen=True)
class Step:
    audience: Audience
    minutes: int = 0  # until the next step, if nobody opens it; 0 at the last one

    @property
    def patience(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Kind:
    key: str
    title: str | Promise
    find: Callable[[Look], Iterable[Found]]
    ladder: tuple[Step, ...]
    page: str  # name of the page where it is dealt with
    is_urgent: bool = False  # no quiet hours keep it back, and a text message goes first
    delay: timedelta = timedelta(0)  # it has to stand for so long: what is started anew is away for seconds

    @property
    def is_danger(self) -> bool:
        return self.ladder is DANGER


A, H, DAY = Audience, 60, 24 * 60
SOON = timedelta(seconds=50)  # at the next look
DANGER = (Step(A.ON_SHIFT, 2), Step(A.SUPERVISORS, 3), Step(A.COORDINATORS))
LINE = (Step(A.ON_SHIFT, 15), Step(A.SUPERVISORS, H), Step(A.COORDINATORS))
BEDS = (Step(A.PLACEMENT_OFFICERS, 10), Step(A.ON_SHIFT, 10), Step(A.SUPERVISORS, H), Step(A.COORDINATORS))
SHIFTS = (Step(A.SUPERVISORS, 12 * H), Step(A.COORDINATORS))
PERSON = (Step(A.PERSON, 3 * DAY), Step(A.SUPERVISORS))
CALLS_LOST = (Step(A.COORDINATORS, 5), Step(A.SUPERVISORS))
MACHINE = (Step(A.COORDINATORS, 4 * H), Step(A.SUPERVISORS))

KINDS = {kind.key: kind for kind in (
    Kind("danger", _("Danger that nobody took"), finding.danger, DANGER, "home", True),
    Kind("unit_danger", _("A unit is late, in danger"), finding.late_units_in_danger, DANGER, "reports", True),
    Kind("unit", _("A unit is late"), finding.late_units, LINE, "reports"),
    Kind("hold", _("A reserved bed is about to be lost"), finding.ending_holds, BEDS, "beds"),
    Kind("bed", _("A request for beds expired"), finding.expired_requests, BEDS, "beds"),
    Kind("uncovered", _("Nobody covers an hour of the next day"), finding.uncovered_hours, SHIFTS, "roster"),
    Kind("certificate", _("Somebody's certificate ends"), finding.ending_certificates, PERSON, "roster"),
    Kind("referral", _("A service has not answered"), finding.late_referrals, LINE, "referrals"),
    Kind("writer", _("Somebody who wrote waits"), finding.waiting_writers, LINE, "console"),
    Kind("trunk", _("The telephone line is down"), finding.dead_trunk, CALLS_LOST, "installation", True, SOON),
    Kind("doctor", _("A part does not work"), finding.red_checks, CALLS_LOST, "installation", True, SOON),
    Kind("backup", _("A backup is missing"), finding.missed_backup, MACHINE, "installation"),
    Kind("disk", _("The disk fills up"), finding.full_disk, MACHINE, "installation"),
    Kind("server", _("The server's certificate ends"), finding.ending_server_certificate, MACHINE, "installation"),
)}  # fmt: skip
