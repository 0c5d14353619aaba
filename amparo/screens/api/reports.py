"""Police reports, for programs of the unit that they were sent to."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from amparo.care.referrals import rules
from amparo.care.referrals.forms import DecisionForm, FolioForm, OutcomeForm, WordsForm
from amparo.care.referrals.models import Report, ReportEvent
from amparo.care.referrals.picklists import ReportEventKind
from amparo.foundation.access import permissions
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import why
from amparo.foundation.vault.fields import read_together

from .authentication import programs
from .requests import LARGEST, OF_ALL, SHOWN, Key, do_once, fitting, who
from .schemas import CameOfIt, Decided, Done, Folio, Lines, Whole, Words

MOST_STEPS = 500

router = Router()


@router.get("", response={200: Lines, **OF_ALL}, summary="Those of your unit")
@programs(permissions.receive_reports)
def reports(request: HttpRequest, before: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST) -> dict[str, Any]:
    """The newest first, a hundred at a time. It opens none of them."""
    found = list(_of(request).filter(number__lt=before).defer("facts", "traces").order_by("-number")[: SHOWN + 1])
    more = found[SHOWN - 1].number if len(found) > SHOWN else None
    return {"reports": [_line(it) for it in found[:SHOWN]], "before": more}


@router.get("/{uuid:pk}", response={200: Whole, **OF_ALL}, summary="One")
@programs(permissions.receive_reports)
def report(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """The facts, what else was told, and what has happened. That you read it is written down."""
    it = _one(request, pk)
    steps = list(it.steps.select_related("by__agency", "key").order_by("at", "id")[:MOST_STEPS])
    read_together(it, [it, *steps])
    return {
        **_line(it), "facts": it.facts, "traces": it.traces,
        "details": {detail.data: detail.words for detail in it.details},
        "because": it.because, "policy": it.policy, "until": it.until,
        "steps": [_whole(step) for step in steps],
    }  # fmt: skip


@router.post("/{uuid:pk}/receive", response={200: Done, **OF_ALL}, summary="You have it, under this folio")
@programs(permissions.receive_reports)
def receive(request: HttpRequest, pk: UUID, typed: Folio, key: Key) -> dict[str, Any]:
    it, said, by = _one(request, pk), fitting(FolioForm, typed), who(request)
    return _once(request, key, lambda: rules.receive(it, **said, by=by, now=timezone.now()))


@router.post("/{uuid:pk}/ask", response={200: Done, **OF_ALL}, summary="Ask the line back")
@programs(permissions.receive_reports)
def ask(request: HttpRequest, pk: UUID, typed: Words, key: Key) -> dict[str, Any]:
    it, said, by = _one(request, pk), fitting(WordsForm, typed), who(request)
    return _once(request, key, lambda: rules.say(it, ReportEventKind.ASKED, **said, by=by, now=timezone.now()))


@router.post("/{uuid:pk}/decide", response={200: Done, **OF_ALL}, summary="What you do with it")
@programs(permissions.receive_reports)
def decide(request: HttpRequest, pk: UUID, typed: Decided, key: Key) -> dict[str, Any]:
    it, said, by = _one(request, pk), fitting(DecisionForm, typed), who(request)
    return _once(request, key, lambda: rules.decide(it, **said, by=by, now=timezone.now()))


@router.post("/{uuid:pk}/outcome", response={200: Done, **OF_ALL}, summary="What came of it, and what she may be told")
@programs(permissions.receive_reports)
def outcome(request: HttpRequest, pk: UUID, typed: CameOfIt, key: Key) -> dict[str, Any]:
    it, said, by = _one(request, pk), fitting(OutcomeForm, typed), who(request)
    return _once(request, key, lambda: rules.say(it, ReportEventKind.OUTCOME, **said, by=by, now=timezone.now()))


def _of(request: HttpRequest) -> QuerySet[Any]:
    return Report.objects.visible_to(who(request)).with_steps()


def _one(request: HttpRequest, pk: UUID) -> Any:
    said = why(who(request), timezone.now())
    it = get_object_or_404(_of(request).select_related("key").annotate(said=said), pk=pk)
    if it.said != "":  # a program cannot say why it opens what was closed long ago
        raise Refused(_("It was closed long ago. Your liaison opens it on its page, and says why."))
    return it


def _once(request: HttpRequest, key: UUID, do: Callable[[], ReportEvent]) -> dict[str, Any]:
    return do_once(request, key, lambda: _kept(do()))


def _line(it: Any) -> dict[str, Any]:
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
    return {name: getattr(it, name) for name in names} | {
        "decided_at": it.decided_at, "waits_for_the_line": it.is_asked,
    }  # fmt: skip


def _done(step: ReportEvent) -> dict[str, Any]:
    return {"id": step.pk, "kind": step.kind, "decision": step.decision or None, "at": step.at}


def _whole(step: ReportEvent) -> dict[str, Any]:
    return {**_done(step), "words": step.words, "may_tell": step.may_tell, "by": step.by.agency.name}


def _kept(step: ReportEvent) -> dict[str, Any]:
    """As JSON that is kept a day: no words."""
    return _done(step) | {"id": str(step.pk), "kind": str(step.kind), "at": step.at.isoformat()}
