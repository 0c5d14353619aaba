"""Notes for the press: for campaign officers and publishers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

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
    form, refusal = NoteForm(request.POST) if request.method == "POST" else NoteForm.of(note), ""
    if request.method == "POST":
        refusal = first_error(form)
        try:
            if not refusal:
                return redirect("note", rules.change_note(note, **form.cleaned_data, by=request.user).pk)
        except Refused as refused:
            refusal = str(refused)
    context = {"note": note, "form": form, "refusal": refusal, "room": "notes"}
    return render(request, "news/change.html", context, status=422 if refusal else 200)
