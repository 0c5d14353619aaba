"""Pages of one file: a person who does not work on it gives a reason first, and then reads and acts for that
purpose.
"""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
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
from amparo.foundation.core.row_lock import hand_on, lock_first

from .forms import OpeningForm
from .openings import open_file, purpose_of_reading

type Files = Callable[[User], QuerySet[Any]]


def with_open_file(files: Files, ask: str, room: str, *, locks: bool = False) -> Callable[[View], View]:
    """Decorate the view of a page of one file: it gets the file instead of its id, and acts for the given purpose.

    A person who must give a reason first gets the template `ask` instead. With `locks`, a POST gets the file locked
    against changes by others. `room` is the room that the menu marks.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: StaffRequest, pk: uuid.UUID, *more: Any, **named: Any) -> HttpResponseBase:
            record = file_or_404(request, files, pk, locks=locks and request.method == "POST")
            if record.given_purpose is None:
                return _reason_page(request, record, ask, room)
            if record.given_purpose:
                switch_purpose(request.user.acting(record.given_purpose))
            return view(request, record, *more, **named)

        return answer

    return decorate


def file_or_404(request: StaffRequest, files: Files, pk: uuid.UUID, *, locks: bool = False) -> Any:
    """Return the file with this id, or raise `Http404`.

    Its attribute `given_purpose` says why this person reads it. Blank: it is their current work. None: they must give a
    reason first.
    """
    rows = files(request.user).annotate(given_purpose=purpose_of_reading(request.user, timezone.now())).filter(pk=pk)
    if not locks:
        return get_object_or_404(rows)
    record = lock_first(rows.select_related(None))  # an action fetches what else it needs
    if record is None:
        raise Http404
    hand_on(record)
    return record


def store_reason(request: StaffRequest, files: Files, pk: uuid.UUID, page: str) -> HttpResponseRedirect:
    """Store the reason in the form, unless the file is the person's current work. Redirect to the page that asked.

    `page` is the name of the file's own page: it is the destination if the form names none.
    """
    record, purpose = file_or_404(request, files, pk), chosen_reason(request)
    if record.given_purpose != "":
        open_file(record, purpose=purpose, by=request.user, now=timezone.now())
    onward = request.POST.get("next", "")
    return HttpResponseRedirect(onward if is_our_path(onward) else reverse(page, args=[pk]))


def chosen_reason(request: StaffRequest) -> Purpose:
    """Return the reason chosen in the form. Raises `Refused` without one."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say why you open it: choose one of the list."))
    return Purpose(form.cleaned_data["purpose"])


def _reason_page(request: StaffRequest, record: Any, ask: str, room: str) -> HttpResponse:
    """Return the page that asks for a reason, and shows only the outline of the file.

    Raises `Refused` for a POST and for a script: nothing can be done in a file that is not open.
    """
    if request.method != "GET" or is_script(request):
        raise Refused(_("First say why you open it: load its page."))
    return render(request, ask, {"it": record, "purposes": Purpose.choices, "room": room})
