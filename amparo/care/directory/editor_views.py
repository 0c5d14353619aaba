import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pagination import paginate
from amparo.foundation.core.refusal import Refused

from . import rules
from .commands import to_json
from .editor_forms import NamePubliclyForm, OrganizationForm, ServiceSheet
from .editor_lists import EntriesForm, listed_services
from .models import Organization, Service, VerificationTask
from .views import service_page


@staff(permissions.edit_directory)
@require_GET
def entries(request: StaffRequest) -> HttpResponse:
    """List an editor's work: verification tasks, then what falls due; or all entries."""
    wish, now = EntriesForm(request.GET), timezone.now()
    chosen = wish.cleaned_data if wish.is_valid() else {}
    shown = chosen.get("show") or "due"
    page = paginate(listed_services(shown, now), chosen.get("page") or 1)
    context = {
        "page": page,
        "rows": [(it, it.is_stale_at(now), it.has_no_agreement(now)) for it in page],
        "shown": shown,
        "lists": EntriesForm.SHOWN,
        "verification_tasks": VerificationTask.objects.waiting() if shown == "due" else [],
        "room": "entries",
    }
    return render(request, "directory/entries.html", context)


@staff(permissions.edit_directory)
@require_http_methods(["GET", "POST"])
def add_organization(request: StaffRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = OrganizationForm(sent, initial={"trust": "provisional", "recipient_kind": "service_provider"})
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        made = rules.add_organization(**form.cleaned_data, by=request.user)
        return redirect("directory-organization", made.pk)
    return _show_organization(request, form, refusal)


@staff(permissions.edit_directory)
@require_http_methods(["GET", "POST"])
def organization(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Organization, pk=pk)
    form = OrganizationForm(request.POST) if request.method == "POST" else OrganizationForm.of(found)
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        rules.change_organization(found, **form.cleaned_data, by=request.user)
        return redirect("directory-organization", pk)
    return _show_organization(request, form, refusal, found)


@staff(permissions.edit_directory)
@require_http_methods(["GET", "POST"])
def add_service(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    of, sheet = get_object_or_404(Organization, pk=pk), ServiceSheet(request.POST if request.method == "POST" else None)
    refusal = sheet.refusal if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        try:
            made = rules.add_service(of, door=sheet.door.location, **sheet.typed, by=request.user, now=timezone.now())
            return redirect("directory-service", made.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show_sheet(request, of, sheet, refusal)


@staff(permissions.edit_directory)
@require_http_methods(["GET", "POST"])
def change_service(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Service.objects.with_details(), pk=pk)
    sheet = ServiceSheet(request.POST if request.method == "POST" else None, found)
    refusal = sheet.refusal if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        try:
            rules.change_service(found, door=sheet.door.location, **sheet.typed, by=request.user)
            if request.POST.get("verified"):
                rules.verify(found, by=request.user, now=timezone.now())
            return redirect("directory-service", pk)
        except Refused as reason:
            refusal = str(reason)
    return _show_sheet(request, found.organization, sheet, refusal, found)


@staff(permissions.edit_directory)
@require_POST
def verify(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    rules.verify(get_object_or_404(Service, pk=pk), by=request.user, now=timezone.now())
    return redirect("directory-service", pk)


@staff(permissions.edit_directory)
@require_POST
def name_publicly(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    found, form = get_object_or_404(Service.objects.with_details(), pk=pk), NamePubliclyForm(request.POST)
    refusal = first_error(form)
    try:
        if not refusal:
            rules.name_publicly(found, form.cleaned_data["phone"], by=request.user, now=timezone.now())
            return redirect("directory-service", pk)
    except Refused as reason:
        refusal = str(reason)
    return service_page(request, found, naming=form, refusal=refusal)


@staff(permissions.edit_directory)
@require_POST
def take_off_public_pages(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    rules.take_off_public_pages(get_object_or_404(Service, pk=pk), by=request.user)
    return redirect("directory-service", pk)


@staff(permissions.edit_directory)
@require_POST
def finish_verification_task(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    rules.close_verification_task(get_object_or_404(VerificationTask, pk=pk), by=request.user, now=timezone.now())
    return redirect("directory-entries")


@staff(permissions.edit_directory)
@require_GET
def download_directory(request: StaffRequest) -> HttpResponse:
    """Download the directory as HSDS 3.0, without any confidential place."""
    text = to_json(rules.export_directory(by=request.user))
    named = {"Content-Disposition": 'attachment; filename="amparo-directory-hsds.json"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=named)


def _show_organization(
    request: StaffRequest, form: OrganizationForm, refusal: str, found: Organization | None = None
) -> HttpResponse:
    services = found.services.order_by("name", "pk") if found else []
    context = {"form": form, "refusal": refusal, "organization": found, "services": services, "room": "entries"}
    return render(request, "directory/organization.html", context, status=422 if refusal else 200)


def _show_sheet(
    request: StaffRequest, of: Organization, sheet: ServiceSheet, refusal: str, found: Service | None = None
) -> HttpResponse:
    context = {
        "organization": of, "sheet": sheet, "refusal": refusal, "faulty": sheet.parts, "service": found,
        "room": "entries",
    }  # fmt: skip
    return render(request, "directory/sheet.html", context, status=422 if refusal else 200)
