"""Notes for the press: for campaign officers and publishers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error, tried_on

from . import rules
from .forms import NoteForm
from .models import Note


@staff(permissions.write_news)
@require_http_methods(["GET", "POST"])
def notes(request: StaffRequest) -> HttpResponse:
    form, refusal = NoteForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and not (refusal := first_error(form)):
        return redirect("note", rules.draft_note(**form.cleaned_data, by=request.user, now=timezone.now()).pk)
    found = Note.objects.newest_first().select_related("drafted_by", "published_by")
    context = {"notes": found, "form": form, "refusal": refusal, "room": "notes"}
    return render(request, "news/notes.html", context, status=422 if refusal else 200)


@staff(permissions.write_news)
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(Note.objects.select_related("testimony"), pk=pk)
    form, refused, by, now = NoteForm.of(note), {}, request.user, timezone.now()
    if request.method == "POST":
        form = NoteForm(request.POST)
        refused = tried_on(
            note, form, NoteForm.of,
            lambda seen: rules.change_note(note, based_on=seen, **form.cleaned_data, by=by, now=now),
        )  # fmt: skip
        if not refused:
            return redirect("note", pk)
    context = {"note": note, "form": form, "based_on": note.version, "room": "notes", **refused}
    return render(request, "news/change.html", context, status=422 if refused else 200)
