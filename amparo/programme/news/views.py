"""Notes for the press: for campaign officers and publishers."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import change_by_form, first_error

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
    change = partial(rules.change_note, note, by=request.user, now=timezone.now())
    if not (shown := change_by_form(request, note, NoteForm, change)):
        return redirect("note", pk)
    context = {"note": note, "room": "notes", **shown}
    return render(request, "news/change.html", context, status=422 if "refusal" in shown else 200)
