"""One note for the press, with the published figures that it may cite: for its authors and publishers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from amparo.figures.publishing import public as published_figures
from amparo.figures.publishing.sheets import ReadableEdition
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.programme.news import rules
from amparo.programme.news.figures import Citation
from amparo.programme.news.models import Note
from amparo.programme.news.public import PublicNote, note_document


@staff(permissions.write_news)
@require_GET
def note(request: StaffRequest, pk: int) -> HttpResponse:
    return _note_page(request, pk)


@staff(permissions.write_news)
@require_POST
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    citations = {each.marker: each for each, _label in citable_figures()}
    try:
        rules.publish_note(_note_or_404(pk), citations=citations, by=request.user, now=timezone.now())
    except Refused as refused:
        return _note_page(request, pk, str(refused))
    return redirect("note", pk)


@staff(permissions.write_news)
@require_POST
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        rules.withdraw_note(_note_or_404(pk), by=request.user, now=timezone.now())
    except Refused as refused:
        return _note_page(request, pk, str(refused))
    return redirect("note", pk)


def citable_figures() -> list[tuple[Citation, str]]:
    """Return every number that the newest edition shows, as a citation with its label. Hidden numbers are left out."""
    document = published_figures.latest_document()
    if document is None:
        return []
    found = []
    for sheet in ReadableEdition.of(document).sheets:
        cells = [("total", str(sheet.definition.title), sheet.total)]
        cells += [(row.cell, f"{sheet.definition.title}: {row.label}", row.count) for row in sheet.rows]
        for cell, label, count in cells:
            if count is not None:
                edition = document["edition"], document["first_day"], document.get("months", 3)
                citation = Citation(sheet.table, cell, count, *edition)
                found.append((citation, label))
    return found


def _note_or_404(pk: int) -> Note:
    return get_object_or_404(
        Note.objects.select_related("testimony", "drafted_by", "published_by", "withdrawn_by"), pk=pk
    )


def _note_page(request: StaffRequest, pk: int, refusal: str = "") -> HttpResponse:
    """Show the note as everybody will read it, and the figures beside it."""
    found, figures = _note_or_404(pk), citable_figures()
    citations = {each.marker: each for each, _label in figures}
    document = found.document or note_document(found, citations, timezone.now())
    unknown = "" if found.is_published else rules.why_not_publishable(found, citations)
    context = {
        "note": found, "reading": PublicNote(document, get_language() or "es"), "figures": figures,
        "may_publish": permissions.publish(request.user), "is_own": found.drafted_by == request.user,
        "refusal": refusal or unknown, "room": "notes",
    }  # fmt: skip
    return render(request, "desk/note.html", context, status=409 if refusal else 200)
