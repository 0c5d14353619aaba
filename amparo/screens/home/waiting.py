"""What waits for a person in each room: the rows that the bar of every page counts."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from amparo.care.cases.models import Case, HandOver
from amparo.care.consent.models import DisclosureBasis
from amparo.care.directory.models import VerificationTask
from amparo.care.police_reports.models import Escalation, Report
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Placement
from amparo.care.shelters.picklists import State as PlacementState
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.oversight.models import Alert
from amparo.line.channels.rules import queues
from amparo.line.contacts.models import DataSubjectRequest, Debrief, ReturnCodeMessage
from amparo.line.knowledge.models import Article
from amparo.line.quality.models import Sample
from amparo.line.roster.models import ShiftHandOver
from amparo.programme.events.models import Pledge
from amparo.programme.news.models import Note
from amparo.programme.plan.models import Indicator, Publication
from amparo.programme.plan.rules import comments_to_read
from amparo.programme.texts.models import Version

type Waiting = Callable[[User, datetime], Iterable[QuerySet[Any]]]


def waiting_callers(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Callers and chats in the queue."""
    return queues()


def shift_hand_overs(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Hand-overs of colleagues that nobody has acknowledged."""
    return (ShiftHandOver.objects.waiting_for(user),)


def late_cases(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Late cases of this user, of everybody for a supervisor; and hand-over notes to read."""
    every = Case.objects.visible_to(user).open() if permissions.supervise(user) else Case.objects.open_by_due_date(user)
    return every.filter(next_due__lt=now), HandOver.objects.handed_over_to(user)


def bases_to_review(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Disclosures without consent that no supervisor has reviewed."""
    return (DisclosureBasis.objects.to_review(),)


def late_referrals(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Referrals whose service missed its deadline."""
    return (Referral.objects.visible_to(user).late(now),)


def waiting_reports(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a unit: open reports. For the hotline: late steps of units, and questions of units."""
    visible = Report.objects.visible_to(user)
    if permissions.receive_reports(user):
        return (visible.waiting_for_the_unit(),)
    return Escalation.objects.waiting(), visible.waiting_for_the_line()


def waiting_placements(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """For a placement officer: requests to approve. For a house: people on their way."""
    waits = PlacementState.APPROVED if permissions.run_house(user) else PlacementState.REQUESTED
    return (Placement.objects.visible_to(user).unsettled(now).filter(state=waits),)


def entries_to_verify(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Services that somebody asked the editors of the directory to verify, or to find."""
    return (VerificationTask.objects.waiting(),)


def waiting_in_plan(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Values that a data call asks of this user's institution, and comments to read."""
    return Indicator.objects.filter(responsible=user.agency_id).to_report(), comments_to_read(user)


def plans_to_show(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Plans that colleagues proposed to show to everybody."""
    return (Publication.objects.proposed_by_others(user),)


def articles_to_review(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """For a supervisor: articles whose review is due."""
    return (Article.objects.to_review(timezone.localdate(now)),) if permissions.supervise(user) else ()


def offered_debriefs(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Talks that are offered to this user after hard contacts."""
    return (Debrief.objects.offered(now).filter(operator=user),)


def waiting_reviews(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Feedback to read; for a supervisor also conversations to review."""
    to_review = (Sample.objects.to_review(user),) if permissions.supervise(user) else ()
    return (Sample.objects.to_answer(user), *to_review)


def code_messages(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Messages left with a return code that nobody has read."""
    return (ReturnCodeMessage.objects.waiting(),)


def data_requests(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    return (DataSubjectRequest.objects.waiting(),)


def overdue_pledges(_user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Pledges whose day has passed and that nobody has closed."""
    return (Pledge.objects.overdue(timezone.localdate(now)),)


def notes_to_publish(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a publisher: notes for the press that colleagues have drafted."""
    if not permissions.publish(user):
        return ()
    return (Note.objects.drafts_of_others(user),)


def texts_to_review(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a publisher: texts of colleagues for the public pages."""
    return (Version.objects.to_review().exclude(written_by=user),) if permissions.publish(user) else ()


def alerts(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    return (Alert.objects.visible_to(user).waiting(),)
