"""The left column of the console: what waits beside callers and chats, for cases, units and the line."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from amparo.care.cases.models import Case, CaseQuerySet, HandOver
from amparo.care.consent.models import DisclosureBasis
from amparo.care.police_reports.models import Escalation, Report
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.counts import count_each
from amparo.line.contacts.models import Contact, ReturnCodeMessage
from amparo.line.contacts.picklists import Urgency
from amparo.line.roster.models import ShiftHandOver

from .queue import AT_A_GLANCE

MOST_COUNTED = 1000


@dataclass(frozen=True)
class WaitingCaseCounts:
    """Cases that wait for one user. Counts stop at `AT_A_GLANCE`."""

    late: int
    left: int  # handed over to the shift, and not read
    in_hand: list[Case]  # urgent ones, to be handed over before the shift ends

    @property
    def number(self) -> int:
        return self.late + self.left


@dataclass(frozen=True)
class OtherWork:
    """What waits for one user beside callers and chats."""

    cases: WaitingCaseCounts
    late_reports: list[Escalation]  # late steps of units: reports that one should have received or decided by now
    questions: list[Report]  # reports of the user's own cases with a question of the unit that has no answer yet
    late_reviews: list[str]  # for a supervisor: cases whose disclosure without consent waits longer than a day
    hard_calls: list[Contact]  # for a supervisor: calls that were hard for the operator who answered them
    came_back: int  # messages under a return code that nobody has read
    hand_overs: int  # of shifts, that nobody has acknowledged


def other_work(user: User, now: datetime) -> OtherWork:
    """Read what waits for this user: one statement counts all, and only what is there is read."""
    late_reports, questions = Escalation.objects.waiting().with_telephones()[:AT_A_GLANCE], questions_of_units(user)
    reviews, hard, in_hand = cases_to_review(user, now), hard_calls(user), urgent_in_hand(user)
    late, left = late_cases(user, now), HandOver.objects.handed_over_to(user).order_by()
    numbers = count_each(
        late[:AT_A_GLANCE], left[:AT_A_GLANCE], ReturnCodeMessage.objects.waiting(),
        ShiftHandOver.objects.waiting_for(user), late_reports, questions, reviews, hard, in_hand, at_most=MOST_COUNTED,
    )  # fmt: skip
    of_late, of_left, came_back, hand_overs, *any_of = numbers
    return OtherWork(
        WaitingCaseCounts(of_late, of_left, list(in_hand) if any_of[4] else []),
        list(late_reports) if any_of[0] else [],
        list(questions) if any_of[1] else [],
        [case.code for case in reviews] if any_of[2] else [],
        list(hard) if any_of[3] else [],
        came_back,
        hand_overs,
    )


def late_cases(user: User, now: datetime) -> CaseQuerySet:
    """For a supervisor, everybody's late cases; else the user's own."""
    every = Case.objects.visible_to(user).open() if permissions.supervise(user) else Case.objects.open_by_due_date(user)
    return every.filter(next_due__lt=now).order_by()


def urgent_in_hand(user: User) -> CaseQuerySet:
    """Urgent cases that this user holds. Nobody holds a case between its hand-over and the reading of it."""
    own = Case.objects.visible_to(user).filter(holder=user, urgency__in=(Urgency.IMMEDIATE, Urgency.URGENT))
    return own.only("number").earliest_due_first()[:AT_A_GLANCE]


def questions_of_units(user: User) -> QuerySet[Report]:
    """Reports of the user's own cases with a question of the unit that has no answer yet."""
    found = Report.objects.visible_to(user).waiting_for_the_line().select_related("to_agency")
    return found.defer("facts", "traces")[:AT_A_GLANCE]


def cases_to_review(user: User, now: datetime) -> CaseQuerySet:
    """For a supervisor: cases where a disclosure without consent waits for review longer than a day."""
    if not permissions.supervise(user):
        return Case.objects.none()
    late = DisclosureBasis.objects.with_late_review(now).values("key")
    return Case.objects.visible_to(user).filter(key__in=late).only("number").order_by("number")[:AT_A_GLANCE]


def hard_calls(user: User) -> QuerySet[Contact]:
    """For a supervisor: calls that were hard for the operator who answered them."""
    if not permissions.supervise(user):
        return Contact.objects.none()
    found = Contact.objects.visible_to(user).hard_calls_waiting().exclude(operator=user).select_related("operator")
    return found.only("number", "started", "hard_call", "operator")[:AT_A_GLANCE]
