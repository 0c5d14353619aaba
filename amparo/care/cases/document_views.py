import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.vault.fields import log_reads_together

from . import rules
from .forms import DocumentForm
from .models import Case, Document
from .models.documents import PICTURES
from .presentation import attempt, show_case, with_case

INERT = "default-src 'none'; sandbox"  # Content-Security-Policy: an uploaded file runs no code and makes no requests


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def documents(request: StaffRequest, case: Case) -> HttpResponse:
    """Show the documents of the case, or add one."""
    if request.method == "GET":
        return show_case(request, case, "documents")
    form, by, now = DocumentForm(request.POST, request.FILES), request.user, timezone.now()

    def keep(typed: dict[str, object]) -> object:
        return rules.add_document(case, str(typed["title"]), typed["file"].read(), by=by, now=now)  # type: ignore[attr-defined]

    return attempt(request, case, "document", form, keep)


@staff(permissions.follow_cases)
@require_GET
@with_case
def document(request: StaffRequest, case: Case, document: uuid.UUID) -> HttpResponse:
    """Send the document as a download, so that browsers do not render it within our site."""
    return _file_response(case, get_object_or_404(case.documents.select_related("key"), pk=document), "attachment")


@staff(permissions.follow_cases)
@require_GET
@with_case
def picture(request: StaffRequest, case: Case, document: uuid.UUID) -> HttpResponse:
    """Send a picture for the preview on the page. 404 for a PDF, which only the reader's own program opens."""
    pictures = case.documents.select_related("key").filter(kind__in=PICTURES)
    return _file_response(case, get_object_or_404(pictures, pk=document), "inline")


def _file_response(case: Case, document: Document, disposition: str) -> HttpResponse:
    log_reads_together(case, [document])
    response = HttpResponse(document.content, content_type=document.kind)
    response.headers["Content-Disposition"] = f'{disposition}; filename="{case.code}{document.extension}"'
    response.headers["Content-Security-Policy"] = INERT
    return response
