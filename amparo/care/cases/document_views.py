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
from .presentation import attempt, of_a_case

INERT = "default-src 'none'; sandbox"  # whatever is in it, it runs nothing and asks nobody


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def add(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = DocumentForm(request.POST, request.FILES), request.user, timezone.now()

    def keep(typed: dict[str, object]) -> object:
        return rules.add_document(it, str(typed["title"]), typed["file"].read(), by=by, now=now)  # type: ignore[attr-defined]

    return attempt(request, it, "document", form, keep)


@staff(permissions.follow_cases)
@require_GET
@of_a_case
def document(request: StaffRequest, it: Case, document: uuid.UUID) -> HttpResponse:
    """As a download: a browser shows nothing of it within our pages."""
    found = get_object_or_404(it.documents.select_related("key"), pk=document)
    read_together(it, [found])
    response = HttpResponse(found.content, content_type=found.kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{it.code}{found.extension}"'
    response.headers["Content-Security-Policy"] = INERT
    return response
