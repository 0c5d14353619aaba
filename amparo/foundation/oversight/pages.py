"""Pages of one file: a person who does not work on it gives a reason first, and then reads and acts for that
purpose.
"""

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
    """Decorate a page of one of these files; the view receives the file. `ask` is the template that asks for a reason.

    With `held`, a POST receives the file from `held` with its key, locked (core/row_lock.py).
    """
    locked_query = held and _locked_query(held)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: StaffRequest, pk: uuid.UUID, *more: Any, **named: Any) -> HttpResponseBase:
            record = (
                _lock(request, locked_query, pk)
                if locked_query and request.method == "POST"
                else file_of(request, files, pk)
            )
            if record.said is None:
                return _ask_why(request, record, ask, room)
            if record.said:
                switch_purpose(request.user.acting(record.said))
            return view(request, record, *more, **named)

        return answer

    return decorate


def file_of(request: StaffRequest, files: Files, pk: uuid.UUID) -> Any:
    """The file, with the person's purpose as `said`. Blank: their current work; None: no reason given yet."""
    said = why(request.user, timezone.now())
    return get_object_or_404(files(request.user).annotate(said=said), pk=pk)


def _locked_query(files: Held) -> LockedQuery[Any]:
    """The query of `file_of`, with a lock and with the key itself."""
    by_name, by_role, now = Parameter("by_name"), Parameter("by_role"), Parameter("now")

    def rows() -> QuerySet[Any]:
        said = ReasonRequired(by_name, by_role, now, Parameter("lately"), Parameter("user"), now)
        own_rows = files().filter(HasKey(by_name, by_role, each=True), pk=Parameter("pk"))
        query: QuerySet[Any] = own_rows.annotate(said=said, my_copy=OwnGrant(by_name, by_role))
        return query

    return LockedQuery(rows)


def _lock(request: StaffRequest, locked_query: LockedQuery[Any], pk: uuid.UUID) -> Any:
    now, (by_name, by_role) = timezone.now(), request.user.acting().holders
    record = locked_query.first(
        by_name=by_name, by_role=by_role, now=now, lately=now - STILL_CURRENT, user=request.user.pk, pk=pk
    )
    if record is None:
        raise Http404
    record.key.came_with(record.my_copy)
    return mark_locked(record)


def say_why(request: StaffRequest, files: Files, pk: uuid.UUID) -> None:
    """Store the reason; people who work on the file now need none."""
    record, purpose = file_of(request, files, pk), answered(request)
    if record.said != "":
        open_file(record, purpose=purpose, by=request.user, now=timezone.now())


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
