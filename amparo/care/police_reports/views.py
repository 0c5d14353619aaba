import functools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.cases.models import Case
from amparo.care.cases.presentation import person_of_case_or_404, privacy_choice, with_case
from amparo.care.consent.picklists import Data
from amparo.care.consent.table import disclosure_table
from amparo.care.disclosures.rules import names_of_left_out, with_live_basis
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pagination import paginate
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.idempotency import make_once_from_page
from amparo.foundation.oversight.pages import store_reason, with_open_file
from amparo.foundation.vault.fields import log_reads_together
from amparo.line.roster.rules import is_public_official

from . import by_telephone, escalation, rules
from .areas import units_near
from .clock import request_of
from .forms import (
    DecisionByTelephoneForm,
    DecisionForm,
    FolioByTelephoneForm,
    FolioForm,
    MessageForm,
    OutcomeForm,
    RecallForm,
    ReportForm,
)
from .inbox import reports_in_order
from .models import Escalation, Report, ReportEvent
from .picklists import OF_A_REPORT, ReportEventKind
from .report_draft import RECIPIENTS, draft_report
from .report_pdf import report_as_pdf
from .similar_reports import similar_reports, similar_to_draft
from .source_rules import RULES

OF_OUTCOME = "outcome-%s"  # two forms on the page have a field of this name
BY_TELEPHONE = "told-%s"  # the same


def visible_reports(user: User) -> QuerySet[Report]:
    return Report.objects.visible_to(user).with_events().select_related("key", "to_agency__telephone", "sent_by")


with_report = with_open_file(visible_reports, "police_reports/why.html", "reports")


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def compose(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Write a report: the form, then a preview as the unit will read it, then send it."""
    found, do = person_of_case_or_404(it, person), request.POST.get("do")
    typed = request.POST if request.method == "POST" else None
    form, refusal = ReportForm(typed, initial=_values_of_recalled_report(request, found)), ""
    if request.method == "POST" and do != "back":
        refusal = first_error(form)
        if not refusal:
            try:
                if do == "send":
                    return redirect("report", _send_report(request, found, form))
                return _show_preview(request, it, found, form)
            except Refused as reason:
                refusal = str(reason)
    return _show_form(request, it, found, form, refusal)


@staff(permissions.follow_cases)
@require_POST
def settle_escalation(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that the unit was telephoned."""
    escalation.settle_escalation(get_object_or_404(Escalation, pk=pk), by=request.user, now=timezone.now())
    return redirect("reports")


@staff(permissions.read_reports)
@require_GET
def reports(request: StaffRequest) -> HttpResponse:
    """List reports: danger first, then by deadline."""
    context = {
        "inbox": reports_in_order(request.user, timezone.now()),
        "receives": permissions.receive_reports(request.user),
        "room": "reports",
        "late": Escalation.objects.waiting().with_telephones() if permissions.follow_cases(request.user) else (),
    }
    return render(request, "police_reports/reports.html", context)


@staff(permissions.read_reports)
@require_GET
@with_report
def report(request: StaffRequest, it: Report) -> HttpResponse:
    return _show(request, it)


@staff(permissions.read_reports)
@require_GET
@with_report
def download_pdf(request: StaffRequest, it: Report) -> HttpResponse:
    """Download the report's page as PDF, to print or to put into the unit's own file."""
    response = HttpResponse(
        report_as_pdf(it, with_live_basis(it.details, timezone.now()), _events_of(it)), content_type="application/pdf"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{it.code}.pdf"'
    return response


@staff(permissions.read_reports)
@require_POST
def record_purpose(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record the purpose for which the user opens a report."""
    return store_reason(request, visible_reports, pk, "report")


@staff(permissions.receive_reports)
@require_POST
@with_report
def receive_report(request: StaffRequest, it: Report) -> HttpResponse:
    form = FolioForm(request.POST)
    return _attempt(request, it, functools.partial(rules.receive_report, it), form, "folio")


@staff(permissions.receive_reports)
@require_POST
@with_report
def record_decision(request: StaffRequest, it: Report) -> HttpResponse:
    form = DecisionForm(request.POST)
    return _attempt(request, it, functools.partial(rules.record_decision, it), form, "deciding")


@staff(permissions.follow_cases)
@require_POST
@with_report
def note_received(request: StaffRequest, it: Report) -> HttpResponse:
    """Note that the unit said by telephone that it received the report."""
    form = FolioByTelephoneForm(request.POST, auto_id=BY_TELEPHONE)
    return _attempt(request, it, functools.partial(by_telephone.note_received, it), form, "folio_by_telephone")


@staff(permissions.follow_cases)
@require_POST
@with_report
def note_decided(request: StaffRequest, it: Report) -> HttpResponse:
    """Note the decision that the unit told by telephone."""
    form = DecisionByTelephoneForm(request.POST, auto_id=BY_TELEPHONE)
    return _attempt(request, it, functools.partial(by_telephone.note_decided, it), form, "decision_by_telephone")


@staff(permissions.follow_cases)
@require_POST
@with_report
def recall_report(request: StaffRequest, it: Report) -> HttpResponse:
    form = RecallForm(request.POST)
    return _attempt(request, it, functools.partial(rules.recall_report, it), form, "recalling")


@staff(permissions.read_reports)
@require_POST
@with_report
def add_message(request: StaffRequest, it: Report, kind: str) -> HttpResponse:
    """Add a question, an answer or an outcome to the report; `kind` says which."""
    if kind not in ReportEventKind.values:
        raise Http404
    is_outcome = kind == ReportEventKind.OUTCOME
    form = OutcomeForm(request.POST, auto_id=OF_OUTCOME) if is_outcome else MessageForm(request.POST)
    if refusal := first_error(form):
        return _show(request, it, **{"outcome" if is_outcome else "words": form}, refusal=refusal, status=422)
    rules.add_message(it, ReportEventKind(kind), **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("report", it.pk)


def _attempt(
    request: StaffRequest, report: Report, verb: Callable[..., object], form: forms.Form, name: str
) -> HttpResponse:
    """Run the action `verb` with the form's values and redirect to the report.

    If it is refused, nothing was saved: show the page with the reason and the submitted form `name`, status 422.
    """
    refusal = first_error(form)
    if not refusal:
        try:
            verb(**form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("report", report.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, report, **{name: form}, refusal=refusal, status=422)


def _values_of_recalled_report(request: StaffRequest, person: Person) -> dict[str, Any]:
    """Return initial values from the recalled report that `?again=` names. The unit must be chosen again."""
    try:
        which = uuid.UUID(request.GET.get("again", ""))
    except ValueError:
        return {}
    mine = Report.objects.visible_to(request.user).recalled().select_related("key")
    it = get_object_or_404(mine, pk=which, person=person)
    plain = {name: getattr(it, name) for name in ("source", "known_how", "facts", "traces")}
    return plain | {"ubigeo": it.place} | {detail.data: detail.words for detail in it.details}


def _send_report(request: StaffRequest, person: Person, form: ReportForm) -> str:
    by, now, (page, typed) = request.user, timezone.now(), _page_id_and_values(form)
    send = functools.partial(rules.report_to_police, person, **typed, by=by, now=now)
    return make_once_from_page(page, urlencode(_fields_to_send(form)), send, by=by, now=now)


def _show_preview(request: StaffRequest, it: Case, person: Person, form: ReportForm) -> HttpResponse:
    """Show the preview. The page carries what was typed, and nothing is saved."""
    _page, typed = _page_id_and_values(form)
    made = draft_report(person, it, **typed, by=request.user, now=timezone.now())
    context = {
        "case": it, "person": person, "report": made.report, "details": made.details, "still": made.details,
        "left_out": made.left_out, "why_left_out": made.why_left_out,
        "verdict": made.line.verdict,
        "is_near": bool(typed["ubigeo"]) and typed["unit"] in [unit for unit, _digits in units_near(typed["ubigeo"])],
        "was_recalled": Report.objects.recalled().filter(person=person, to_agency=typed["unit"]).exists(),
        "typed": _fields_to_send(form), "alike": similar_to_draft(made.report, request.user), "room": "cases",
    }  # fmt: skip
    return render(request, "police_reports/review.html", context)


def _page_id_and_values(form: ReportForm) -> tuple[uuid.UUID | None, dict[str, Any]]:
    """Return the page's id, which marks a repeated send, and the form's values as arguments of `report_to_police`."""
    plain = {name: it for name, it in form.cleaned_data.items() if name != "page" and name not in form.item_kinds}
    return form.cleaned_data["page"], plain | {"details": form.details}


def _fields_to_send(form: ReportForm) -> dict[str, str]:
    """Return the fields with which the preview sends the report, including the unit that the place chose."""
    selected = {"unit": str(form.cleaned_data["unit"].pk)}
    return {name: str(form.data.get(name, "")) for name in form.fields} | selected


def _show(request: StaffRequest, it: Report, *, status: int = 200, **typed: Any) -> HttpResponse:
    still = with_live_basis(details := it.details, timezone.now())
    context = {
        "report": it, "details": details, "still": still, "left_out": names_of_left_out(still, OF_A_REPORT),
        "alike": similar_reports(it, request.user), "steps": (steps := _events_of(it)),
        "told": [step for step in steps if step.may_tell],
        "clock": request_of(it, timezone.now()), "room": "reports",
        "receives": permissions.receive_reports(request.user), "folio": FolioForm(), "deciding": DecisionForm(),
        "has_own_folio": any(step.kind == ReportEventKind.RECEIVED and not step.by_telephone for step in steps),
        "folio_by_telephone": FolioByTelephoneForm(auto_id=BY_TELEPHONE),
        "decision_by_telephone": DecisionByTelephoneForm(auto_id=BY_TELEPHONE),
        "recalling": RecallForm(),
        "words": MessageForm(auto_id=False),
        "outcome": OutcomeForm(auto_id=OF_OUTCOME), **typed,
    }  # fmt: skip
    return render(request, "police_reports/report.html", context, status=status)


def _events_of(it: Report) -> list[ReportEvent]:
    steps = paginate(it.steps.select_related("by", "by__agency", "key").order_by("at", "id")).rows
    log_reads_together(it, [it, *steps])
    return steps


def _show_form(request: StaffRequest, it: Case, person: Person, form: ReportForm, refusal: str) -> HttpResponse:
    table = [line for line in disclosure_table(person, timezone.now()) if line.recipient.recipient in RECIPIENTS]
    form.keep_allowed_fields(frozenset[Data]().union(*(line.shared for line in table)))
    context = {
        "case": it, "person": person, "form": form, "refusal": refusal, "table": table, "room": "cases",
        "rules": RULES.values(), "chosen": privacy_choice(it),
        "is_official": is_public_official(request.user),
    }  # fmt: skip
    return render(request, "police_reports/compose.html", context, status=422 if refusal else 200)
