"""Pages of one file: a person who does not work on it gives a reason first, and then reads and acts for that
purpose.
"""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.first_pages import is_our_path
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import switch_purpose
from amparo.foundation.core.pages import View, is_script
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first

from .forms import OpeningForm
from .openings import open_file, why

type Files = Callable[[User], QuerySet[Any]]


def opened(files: Files, ask: str, room: str, *, locks: bool = False) -> Callable[[View], View]:
    """Decorate a page of one of these files; the view receives the file. `ask` is the template that asks for a reason.

    With `locks`, a POST receives the file locked against changes by others.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: StaffRequest, pk: uuid.UUID, *more: Any, **named: Any) -> HttpResponseBase:
            record = file_of(request, files, pk, locks=locks and request.method == "POST")
            if record.given_purpose is None:
                return _ask_why(request, record, ask, room)
            if record.given_purpose:
                switch_purpose(request.user.acting(record.given_purpose))
            return view(request, record, *more, **named)

        return answer

    return decorate


def file_of(request: StaffRequest, files: Files, pk: uuid.UUID, *, locks: bool = False) -> Any:
    """The file, with the person's purpose as `given_purpose`. Blank: their current work; None: no reason given yet."""
    rows = files(request.user).annotate(given_purpose=why(request.user, timezone.now())).filter(pk=pk)
    record = lock_first(rows) if locks else rows.first()
    if record is None:
        raise Http404
    return record


def say_why(request: StaffRequest, files: Files, pk: uuid.UUID, page: str) -> HttpResponseRedirect:
    """Store the reason, and go to the page that asked for it, else to `page`, the file's own.

    People who work on the file now need no reason.
    """
    record, purpose = file_of(request, files, pk), answered(request)
    if record.given_purpose != "":
        open_file(record, purpose=purpose, by=request.user, now=timezone.now())
    onward = request.POST.get("next", "")
    return HttpResponseRedirect(onward if is_our_path(onward) else reverse(page, args=[pk]))


def answered(request: StaffRequest) -> Purpose:
    """The chosen reason. Raises `Refused` without one."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say why you open it: choose one of the list."))
    return Purpose(form.cleaned_data["purpose"])


def _ask_why(request: StaffRequest, record: Any, ask: str, room: str) -> HttpResponse:
    """Show only the outline of a file that is not open yet; nothing can be done in it."""
    if request.method != "GET" or is_script(request):
        raise Refused(_("First say why you open it: load its page."))
    return render(request, ask, {"it": record, "purposes": Purpose.choices, "room": room})
