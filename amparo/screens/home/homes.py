"""A person's first page. Their role decides which."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.care.cases.models import Case, CaseQuerySet
from amparo.care.consent.models import DisclosureBasis
from amparo.care.directory.models import Service, VerificationTask
from amparo.care.police_reports.inbox import open_reports
from amparo.care.police_reports.models import Escalation
from amparo.care.shelters import board
from amparo.care.shelters.picklists import State as PlacementState
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.counts import count_each
from amparo.foundation.oversight.models import Alert
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import DataSubjectRequest, Debrief
from amparo.line.knowledge.models import Article
from amparo.line.quality.models import Sample
from amparo.line.roster.models import ShiftOffer
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.models import State as CallState
from amparo.screens.desk import queue
from amparo.screens.desk.other_work import hard_calls

from . import homes_of_oversight, homes_of_programme, numbers, rows, rows_of_referrals
from .home import Home
from .numbers import Number
from .rows import AT_MOST, OPEN, Row

MOST = 10_000  # that are counted


def home_of(user: User, now: datetime) -> Home:
    """Return the first page for this person's role. It is empty if the role has no pages yet."""
    make = next((home for may, home in HOMES if may(user)), None)
    return make(user, now) if make else Home()


def _operator(user: User, now: datetime) -> Home:
    backs = queue.people_to_call_back(now)
    cases = Case.objects.open_by_due_date(user)
    late = _count_cases(cases.filter(next_due__lt=now))
    found = chain(
        rows.calls_to_return(user, backs),
        rows.cases(cases),
        rows.questions(user),
        rows.code_messages(),
        rows.lost_offers(user, now),
        rows.debriefs(user, now),
        rows.feedback(user),
    )
    return Home(
        [
            _waiting_number(now, Call.objects.waiting().only("waiting_since"), Chat.objects.waiting_in_order().count()),
            Number(len(backs), _("to call back"), reverse("console"), "wait" if backs else ""),
            _late_cases_number(late),
        ],
        list(islice(found, AT_MOST)),
        (_("Go to the console"), reverse("console"), "phone"),
    )


def _supervisor(user: User, now: datetime) -> Home:
    every, today = Case.objects.visible_to(user).open(), timezone.localdate(now)
    late_cases = every.filter(next_due__lt=now).order_by()[:AT_MOST]
    lists: list[tuple[QuerySet[Any], Callable[[int], Iterable[Row]]]] = [
        (Escalation.objects.waiting(), lambda _n: rows.escalations()),
        (DataSubjectRequest.objects.waiting(), lambda _n: rows.data_requests()),
        (Alert.objects.visible_to(user).waiting(), lambda _n: rows.alerts(user)),
        (hard_calls(user), lambda _n: rows.hard_calls(user)),
        (ShiftOffer.objects.lost_by(user, now), lambda _n: rows.lost_offers(user, now)),
        (Debrief.objects.offered(now).filter(operator=user), lambda _n: rows.debriefs(user, now)),
        (Article.objects.to_review(today), lambda _n: rows.articles(user, today)),
        (Sample.objects.to_answer(user), lambda _n: rows.feedback(user)),
        (Sample.objects.to_review(user), rows.samples),
    ]
    counted = (late_cases, Chat.objects.waiting_in_order(), *(found for found, _lines in lists))
    late, writing, *numbers_of_lists = count_each(*counted, at_most=MOST)
    bases = list(DisclosureBasis.objects.to_review()[:AT_MOST])
    live = list(Call.objects.live())
    waiting = [call for call in live if call.state == CallState.WAITING]
    found = chain(
        rows.uncovered_times(now),
        rows.bases(user, bases),
        # most lists are empty, and are not read
        *(lines(number) for (_rows, lines), number in zip(lists, numbers_of_lists, strict=True) if number),
        rows.cases(every.filter(next_due__lt=now).earliest_due_first()),
    )
    return Home(
        [_waiting_number(now, waiting, writing), _reviews_number(len(bases)), _late_cases_number(late)],
        list(islice(found, AT_MOST)),
        (_("Go to the console"), reverse("console"), "phone"),
        colleagues=queue.colleagues_on_shift(now, live=live),
    )


def _case_worker(user: User, now: datetime) -> Home:
    cases = Case.objects.open_by_due_date(user)
    end = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    today = _count_cases(cases.filter(next_due__gte=now, next_due__lte=end))
    answers = list(rows.questions(user))
    of_services = chain(rows_of_referrals.late_referrals(user, now), rows_of_referrals.answered_referrals(user, now))
    found = chain(rows.cases(cases), rows.handed_over(user), answers, of_services, rows.code_messages())
    return Home(
        [
            _late_cases_number(_count_cases(cases.filter(next_due__lt=now))),
            Number(today, _("for today"), reverse("cases"), "wait" if today else ""),
            Number(len(answers), numbers.QUESTIONS_OF_UNITS, reverse("reports"), "wait" if answers else ""),
        ],
        list(found)[:AT_MOST],
        (_("See my cases"), reverse("cases"), "folder"),
    )


def _placement_officer(user: User, now: datetime) -> Home:
    houses, lines = board.house_rows(user, now), board.placement_rows(user, now)
    free = sum(row.free for row in houses)
    requested = [line for line in lines if line.placement.state == PlacementState.REQUESTED]
    expected = [line for line in lines if line.placement.state == PlacementState.APPROVED]
    overdue = [line for line in lines if line.is_beyond]
    found = [rows.placement(line, _("Approve or decline the placement"), _("Review")) for line in requested]
    found += [rows.placement(line, _("Confirm the date on which they leave"), OPEN) for line in overdue]
    found += [rows.placement(line, _("They are on their way"), OPEN) for line in expected]
    found += [
        Row(
            _("Ask the house how its beds stand"),
            str(row.house),
            reverse("house-kept", args=[row.house.pk]),
            OPEN,
        )
        for row in houses
        if row.is_silent
    ]
    return Home(
        [
            Number(len(requested), _("to approve"), reverse("beds"), "wait" if requested else ""),
            Number(len(expected), _("on their way"), reverse("beds")),
            Number(free, numbers.FREE_BEDS, reverse("beds"), "" if free else "danger"),
        ],
        found[:AT_MOST],
        (_("See the beds"), reverse("beds"), "bed"),
    )


def _shelter_staff(user: User, now: datetime) -> Home:
    houses, lines = board.house_rows(user, now), board.placement_rows(user, now)
    tiles = [tile for row in houses for tile in row.tiles]
    expected = [line for line in lines if line.placement.state == PlacementState.APPROVED]
    free, taken = (sum(tile.state == state for tile in tiles) for state in ("free", "taken"))
    found = [rows.arrival(line) for line in expected]
    found += [
        Row(
            _("Confirm your beds"),
            _("The line has not heard for a while how they stand."),
            reverse("house"),
            _("Confirm"),
        )
        for row in houses
        if row.is_silent
    ]
    return Home(
        [
            Number(len(expected), _("on their way"), reverse("house"), "wait" if expected else ""),
            Number(free, numbers.FREE_BEDS, reverse("house")),
            Number(taken, numbers.TAKEN_BEDS, reverse("house")),
        ],
        found,
        (_("Our beds"), reverse("house"), "bed"),
    )


def _police_liaison(user: User, now: datetime) -> Home:
    found = open_reports(user, now, AT_MOST)
    reports = [report for report, _request in found]
    late = sum(request.late is not None for _report, request in found)
    danger = sum(report.is_danger for report in reports)
    return Home(
        [
            Number(len(reports), numbers.OPEN_REPORTS, reverse("reports"), "wait" if reports else ""),
            Number(danger, _("with danger"), reverse("reports"), "danger" if danger else ""),
            Number(late, numbers.LATE_REPORTS, reverse("reports"), "danger" if late else ""),
        ],
        [rows.report(report) for report in reports],
        (_("See the reports"), reverse("reports"), "shield"),
    )


def _directory_editor(user: User, now: datetime) -> Home:
    tasks, due = list(VerificationTask.objects.waiting()[:AT_MOST]), Service.objects.falling_due(now)
    entries = reverse("directory-entries")
    found = [
        Row(str(task.service or _("Find a service")), ", ".join(filter(None, [task.place, *task.lacking])),
            reverse("directory-service", args=[task.service_id]) if task.service_id else entries,
            _("Verify") if task.service else _("Find"), since=task.asked_at)
        for task in tasks
    ]  # fmt: skip
    found += [
        Row(
            service.name,
            str(service.organization),
            reverse("directory-service", args=[service.pk]),
            _("Verify"),
            service.due_at(),
        )
        for service in due.select_related("organization")[:AT_MOST]
    ]
    number = due.count()
    return Home(
        [
            Number(len(tasks), numbers.REQUESTS_OF_COLLEAGUES, entries, "wait" if tasks else ""),
            Number(number, _("to verify"), entries, "wait" if number else ""),
            Number(Service.objects.count(), _("services"), reverse("directory")),
        ],
        found[:AT_MOST],
        (_("Verify entries"), entries, "check"),
    )


def _count_cases(cases: CaseQuerySet) -> int:
    return cases.order_by().values("pk")[:AT_MOST].count()


def _waiting_number(now: datetime, calls: Iterable[Call], writing: int) -> Number:
    """Return how many people wait, by call or in writing. The note gives the longest wait of a call."""
    since = [call.waiting_since for call in calls]
    longest = min((at for at in since if at), default=now)
    minutes = int((now - longest).total_seconds() // 60)
    note = ngettext("the longest, %(n)s minute", "the longest, %(n)s minutes", minutes) % {"n": minutes}
    number, note = len(since) + writing, note if since else ""
    return Number(number, numbers.WAITING_ON_THE_LINE, reverse("console"), "wait" if number else "", note)


def _late_cases_number(number: int) -> Number:
    return Number(number, numbers.LATE_CASES, f"{reverse('cases')}?show=late", "danger" if number else "")


def _reviews_number(number: int) -> Number:
    return Number(number, numbers.REVIEWS_TO_MAKE, reverse("bases"), "wait" if number else "")


HOMES: tuple[tuple[Callable[[User], bool], Callable[[User, datetime], Home]], ...] = (
    (permissions.supervise, _supervisor),
    (permissions.take_calls, _operator),
    (permissions.follow_cases, _case_worker),
    (permissions.approve_placements, _placement_officer),
    (permissions.run_house, _shelter_staff),
    (permissions.receive_reports, _police_liaison),
    (permissions.edit_directory, _directory_editor),
    (permissions.publish, homes_of_programme.publisher),
    (permissions.analyse, homes_of_programme.analyst),
    (permissions.run_campaigns, homes_of_programme.campaign_officer),
    (permissions.follow_plan, homes_of_programme.plan_follower),
    (permissions.manage_people, homes_of_oversight.administrator),
    (permissions.audit, homes_of_oversight.auditor),
    (permissions.watch, homes_of_oversight.watcher),
)  # the first that fits
