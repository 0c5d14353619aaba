import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.vault.fields import read_together

from . import rules
from .forms import DocumentForm
from .models import Case
from .presentation import attempt, with_case

INERT = "default-src 'none'; sandbox"  # Content-Security-Policy: an uploaded file runs no code and makes no requests


@staff(permissions.follow_cases)
@require_POST
@with_case
def add(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = DocumentForm(request.POST, request.FILES), request.user, timezone.now()

    def keep(typed: dict[str, object]) -> object:
        return rules.add_document(case, str(typed["title"]), typed["file"].read(), by=by, now=now)  # type: ignore[attr-defined]

    return attempt(request, case, "document", form, keep)


@staff(permissions.follow_cases)
@require_GET
@with_case
def document(request: StaffRequest, case: Case, document: uuid.UUID) -> HttpResponse:
    """Send the document as a download, so that browsers do not render it within our site."""
    found = get_object_or_404(case.documents.select_related("key"), pk=document)
    read_together(case, [found])
    response = HttpResponse(found.content, content_type=found.kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{case.code}{found.extension}"'
    response.headers["Content-Security-Policy"] = INERT
    return response
