"""Editions of the published figures, for the hotline's publishers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import CorrectionForm, PeriodForm
from .models import Edition
from .safe_tables import edition_document
from .sheets import ReadableEdition

SHOWN = 40  # editions


@staff(permissions.publish)
@require_GET
def editions(request: StaffRequest) -> HttpResponse:
    found = Edition.objects.newest_first().select_related("drafted_by", "published_by")[:SHOWN]
    form = PeriodForm(now=timezone.now())
    return render(request, "publishing/editions.html", {"editions": found, "form": form, "room": "editions"})


@staff(permissions.publish)
@require_POST
def draft(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    form = PeriodForm(request.POST, now=now)
    if not form.is_valid():
        raise Refused(_("Choose months that are over and of which there is no edition."))
    return redirect("edition", rules.draft_edition(form.cleaned_data["period"], by=request.user, now=now).pk)


@staff(permissions.publish)
@require_GET
def edition(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the edition as everybody will read it, with hidden cells marked and definitions beside the numbers."""
    return _show(request, _edition_or_404(pk))


@staff(permissions.publish)
@require_GET
def edition_pdf(request: StaffRequest, pk: int) -> HttpResponse:
    content = ReadableEdition.of(edition_document(_edition_or_404(pk))).as_pdf()
    headers = {"Content-Disposition": f'attachment; filename="edition-{pk}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@staff(permissions.publish)
@require_POST
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        rules.publish_edition(_edition_or_404(pk), by=request.user, now=timezone.now())
    except Refused as refusal:
        return _show(request, _edition_or_404(pk), refusal=str(refusal), status=409)
    return redirect("edition", pk)


@staff(permissions.publish)
@require_POST
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    form, wrong = CorrectionForm(request.POST), _edition_or_404(pk)
    try:
        why = form.cleaned_data["why"] if form.is_valid() else ""
        correction = rules.correct_edition(wrong, why, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _show(request, wrong, correcting=form, refusal=str(refusal), status=422)
    return redirect("edition", correction.pk)


@staff(permissions.publish)
@require_POST
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    rules.discard_edition(_edition_or_404(pk), by=request.user, now=timezone.now())
    return redirect("editions")


def _edition_or_404(pk: int) -> Edition:
    return get_object_or_404(Edition.objects.select_related("snapshot", "drafted_by", "published_by"), pk=pk)


def _show(request: StaffRequest, edition: Edition, *, status: int = 200, **typed: Any) -> HttpResponse:
    context = {
        "edition": edition, "reading": ReadableEdition.of(edition_document(edition)), "room": "editions",
        "is_own": edition.drafted_by == request.user, "correcting": CorrectionForm(), **typed,
    }  # fmt: skip
    return render(request, "publishing/edition.html", context, status=status)
