from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.cases.models import Case
from amparo.care.cases.presentation import with_case
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.access.session_state import requires_recent_proof
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import CSV, ExportAllForm, ExportForm, ImportForm
from .htcds_export import csv_file, json_file, record_as_json
from .htcds_import import read_file


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def export_case(request: StaffRequest, it: Case) -> HttpResponseBase:
    """Export one case, to a kind of recipient or to one institution."""
    form, refusal = ExportForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        refusal = first_error(form)
        if not refusal:
            try:
                record = rules.export_case(it, form.cleaned_data["recipient"], by=request.user, now=timezone.now())
                return _download([record_as_json(record)], form.cleaned_data["file"], it.code)
            except Refused as reason:
                refusal = str(reason)
    context = {"case": it, "form": form, "refusal": refusal, "room": "cases"}
    return render(request, "exchange/export.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_GET
def exchange(request: StaffRequest) -> HttpResponse:
    return _show(request)


@staff(permissions.supervise)
@require_POST
@requires_recent_proof
def export_all(request: StaffRequest) -> HttpResponseBase:
    """Stream all cases, without names or text."""
    form = ExportAllForm(request.POST)
    if refusal := first_error(form):
        return _show(request, refusal=refusal, leaving=form)
    purpose = Purpose(form.cleaned_data["purpose"])
    records = rules.export_all(purpose=purpose, by=request.user, now=timezone.now())
    return _download(records, form.cleaned_data["file"], "cases")


@staff(permissions.supervise)
@require_POST
def import_cases(request: StaffRequest) -> HttpResponse:
    """Import all cases of a file, or none."""
    form = ImportForm(request.POST, request.FILES)
    if refusal := first_error(form):
        return _show(request, refusal=refusal, coming=form)
    try:
        records, purpose = read_file(form.cleaned_data["cases"].read()), Purpose(form.cleaned_data["purpose"])
        kept = rules.import_cases(records, purpose=purpose, by=request.user, now=timezone.now())
    except Refused as reason:
        return _show(request, refusal=str(reason), coming=form)
    return _show(request, kept=kept)


def _download(records: Iterable[str], kind: str, name: str) -> StreamingHttpResponse:
    parts, mime = (csv_file(records), "text/csv") if kind == CSV else (json_file(records), "application/json")
    response = StreamingHttpResponse(parts, content_type=f"{mime}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="htcds-{name}.{kind}"'
    return response


def _show(request: StaffRequest, *, refusal: str = "", **more: Any) -> HttpResponse:
    context = {
        "leaving": ExportAllForm(auto_id="leaving-%s"), "coming": ImportForm(auto_id="coming-%s"), "refusal": refusal,
        "room": "exchange", **more,
    }  # fmt: skip
    return render(request, "exchange/exchange.html", context, status=422 if refusal else 200)
