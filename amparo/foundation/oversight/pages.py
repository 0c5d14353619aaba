"""Pages of one file: who does not work on it now first says why, and then reads and does all of it for that."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import switch_purpose
from amparo.foundation.core.compiled_query import Parameter
from amparo.foundation.core.pages import View, is_script
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import LockedQuery, mark_locked
from amparo.foundation.vault.key_access import HasKey, OwnGrant

from .forms import OpeningForm
from .openings import STILL_CURRENT, ReasonRequired, open_file, why

type Files = Callable[[User], QuerySet[Any]]
type Held = Callable[[], QuerySet[Any]]


def opened(files: Files, ask: str, room: str, held: Held | None = None) -> Callable[[View], View]:
    """Decorate a page of one of these files. The view is given the file; `ask`, a template of this room, asks why.

    What is sent to it is given the file of `held`, with its key, as nobody else changes it meanwhile (core/held.py).
    """
    holding = held and _to_hold(held)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: StaffRequest, pk: uuid.UUID, *more: Any, **named: Any) -> HttpResponseBase:
            it = _hold(request, holding, pk) if holding and request.method == "POST" else file_of(request, files, pk)
            if it.said is None:
                return _ask_why(request, it, ask, room)
            if it.said:
                switch_purpose(request.user.acting(it.said))
            return view(request, it, *more, **named)

        return answer

    return decorate


def file_of(request: StaffRequest, files: Files, pk: uuid.UUID) -> Any:
    """The file, with why this person reads it now as `said`. Blank: they work on it; None: they have not said."""
    said = why(request.user, timezone.now())
    return get_object_or_404(files(request.user).annotate(said=said), pk=pk)


def _to_hold(files: Held) -> LockedQuery[Any]:
    """What `file_of` asks, for update and with the key itself."""
    by_name, by_role, now = Parameter("by_name"), Parameter("by_role"), Parameter("now")

    def rows() -> QuerySet[Any]:
        said = ReasonRequired(by_name, by_role, now, Parameter("lately"), Parameter("user"), now)
        mine = files().filter(HasKey(by_name, by_role, each=True), pk=Parameter("pk"))
        told: QuerySet[Any] = mine.annotate(said=said, my_copy=OwnGrant(by_name, by_role))
        return told

    return LockedQuery(rows)


def _hold(request: StaffRequest, holding: LockedQuery[Any], pk: uuid.UUID) -> Any:
    now, (by_name, by_role) = timezone.now(), request.user.acting().holders
    it = holding.first(
        by_name=by_name, by_role=by_role, now=now, lately=now - STILL_CURRENT, user=request.user.pk, pk=pk
    )
    if it is None:
        raise Http404
    it.key.came_with(it.my_copy)
    return mark_locked(it)


def say_why(request: StaffRequest, files: Files, pk: uuid.UUID) -> None:
    """Take the answer; who works on it now has nothing to say."""
    it, purpose = file_of(request, files, pk), answered(request)
    if it.said != "":
        open_file(it, purpose=purpose, by=request.user, now=timezone.now())


def answered(request: StaffRequest) -> Purpose:
    """The reason that was chosen; refused without one."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say why you open it: choose one of the list."))
    return Purpose(form.cleaned_data["purpose"])


def _ask_why(request: StaffRequest, it: Any, ask: str, room: str) -> HttpResponse:
    """Of what is not opened yet only its outline is shown, and nothing is done in it."""
    if request.method != "GET" or is_script(request):
        raise Refused(_("First say why you open it: load its page."))
    return render(request, ask, {"it": it, "purposes": Purpose.choices, "room": room})
