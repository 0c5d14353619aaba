"""Police reports, for programs of the unit that received them."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from amparo.care.police_reports import rules
from amparo.care.police_reports.forms import DecisionForm, FolioForm, MessageForm, OutcomeForm
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.foundation.access import permissions
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import purpose_of_reading
from amparo.foundation.vault.fields import log_reads_together

from .authentication import for_programs
from .requests import LARGEST, OF_ALL, SHOWN, Key, cleaned_by, do_once, program_user
from .schemas import DecisionIn, FolioIn, OutcomeIn, ReportDetail, ReportPage, StepAdded, WordsIn

MOST_STEPS = 500

router = Router()


@router.get("", response={200: ReportPage, **OF_ALL}, summary="Those of your unit")
@for_programs(permissions.receive_reports)
def reports(request: HttpRequest, before: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST) -> dict[str, Any]:
    """The newest first, a hundred at a time. Listing opens none of them."""
    found = list(
        _visible_reports(request).filter(number__lt=before).defer("facts", "traces").order_by("-number")[: SHOWN + 1]
    )
    more = found[SHOWN - 1].number if len(found) > SHOWN else None
    return {"reports": [_list_item(report) for report in found[:SHOWN]], "before": more}


@router.get("/{uuid:pk}", response={200: ReportDetail, **OF_ALL}, summary="One")
@for_programs(permissions.receive_reports)
def report(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """The facts, other disclosed details, and what has happened. Reading it is logged."""
    report = _report_or_404(request, pk)
    steps = list(report.steps.select_related("by__agency", "key").order_by("at", "id")[:MOST_STEPS])
    log_reads_together(report, [report, *steps])
    return {
        **_list_item(report), "facts": report.facts, "traces": report.traces,
        "details": {detail.data: detail.words for detail in report.details},
        "because": report.because, "policy": report.policy, "until": report.until,
        "steps": [_step_with_words(step) for step in steps],
    }  # fmt: skip


@router.post("/{uuid:pk}/receive", response={200: StepAdded, **OF_ALL}, summary="You have it, under this folio")
@for_programs(permissions.receive_reports)
def receive(request: HttpRequest, pk: UUID, typed: FolioIn, key: Key) -> dict[str, Any]:
    report, cleaned, by = _report_or_404(request, pk), cleaned_by(FolioForm, typed), program_user(request)
    return _once(request, key, lambda: rules.receive_report(report, **cleaned, by=by, now=timezone.now()))


@router.post("/{uuid:pk}/ask", response={200: StepAdded, **OF_ALL}, summary="Ask the line back")
@for_programs(permissions.receive_reports)
def ask(request: HttpRequest, pk: UUID, typed: WordsIn, key: Key) -> dict[str, Any]:
    report, cleaned, by = _report_or_404(request, pk), cleaned_by(MessageForm, typed), program_user(request)
    return _once(
        request, key, lambda: rules.add_message(report, ReportEventKind.QUESTION, **cleaned, by=by, now=timezone.now())
    )


@router.post("/{uuid:pk}/decide", response={200: StepAdded, **OF_ALL}, summary="What you do with it")
@for_programs(permissions.receive_reports)
def decide(request: HttpRequest, pk: UUID, typed: DecisionIn, key: Key) -> dict[str, Any]:
    report, cleaned, by = _report_or_404(request, pk), cleaned_by(DecisionForm, typed), program_user(request)
    return _once(request, key, lambda: rules.record_decision(report, **cleaned, by=by, now=timezone.now()))


@router.post(
    "/{uuid:pk}/outcome", response={200: StepAdded, **OF_ALL}, summary="The outcome, and what the person may be told"
)
@for_programs(permissions.receive_reports)
def outcome(request: HttpRequest, pk: UUID, typed: OutcomeIn, key: Key) -> dict[str, Any]:
    report, cleaned, by = _report_or_404(request, pk), cleaned_by(OutcomeForm, typed), program_user(request)
    return _once(
        request, key, lambda: rules.add_message(report, ReportEventKind.OUTCOME, **cleaned, by=by, now=timezone.now())
    )


def _visible_reports(request: HttpRequest) -> QuerySet[Any]:
    return Report.objects.visible_to(program_user(request)).with_events()


def _report_or_404(request: HttpRequest, pk: UUID) -> Any:
    reason = purpose_of_reading(program_user(request), timezone.now())
    report = get_object_or_404(_visible_reports(request).select_related("key").annotate(reason=reason), pk=pk)
    if report.reason != "":  # a program cannot give a reason for opening a report that was closed long ago
        raise Refused(_("It was closed long ago. Your liaison opens it on its page, and says why."))
    return report


def _once(request: HttpRequest, key: UUID, do: Callable[[], ReportEvent]) -> dict[str, Any]:
    return do_once(request, key, lambda: _storable_answer(do()))


def _list_item(report: Any) -> dict[str, Any]:
    names = (
        "id",
        "code",
        "number",
        "is_danger",
        "source",
        "known_how",
        "ubigeo",
        "sent_at",
        "receive_by",
        "received_at",
        "decide_by",
    )
    return {name: getattr(report, name) for name in names} | {
        "decided_at": report.decided_at, "waits_for_the_line": report.is_asked,
    }  # fmt: skip


def _step_without_words(step: ReportEvent) -> dict[str, Any]:
    return {"id": step.pk, "kind": step.kind, "decision": step.decision or None, "at": step.at}


def _step_with_words(step: ReportEvent) -> dict[str, Any]:
    return {**_step_without_words(step), "words": step.words, "may_tell": step.may_tell, "by": step.by.agency.name}


def _storable_answer(step: ReportEvent) -> dict[str, Any]:
    """Return the response as JSON values, without any text that people wrote.

    It is stored for a day, in case the program repeats its request.
    """
    return _step_without_words(step) | {"id": str(step.pk), "kind": str(step.kind), "at": step.at.isoformat()}
