import uuid
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.compiled_query import Parameter
from amparo.foundation.core.pagination import paginate
from amparo.foundation.core.row_lock import LockedQuery, mark_locked
from amparo.foundation.oversight.pages import say_why
from amparo.foundation.vault.key_access import HasKey
from amparo.line.contacts.models import Contact

from . import rules
from .contact_views import is_followed_elsewhere
from .erasure import erase_case
from .forms import (
    CloseForm,
    ColleagueForm,
    EraseForm,
    FollowUpForm,
    HandOverForm,
    ListForm,
    NoteForm,
    ReopenForm,
    SituationForm,
)
from .models import Case, CaseQuerySet
from .presentation import OF_CLOSING, attempt, code_names, colleagues, members, of_a_case, of_mine, show


@staff(permissions.follow_cases)
@require_GET
def cases(request: StaffRequest) -> HttpResponse:
    """By when something has to be done, the nearest first."""
    form, now = ListForm(request.GET), timezone.now()
    wish = form.cleaned_data if form.is_valid() else {}
    shown = wish.get("show") or "mine"
    page = paginate(_listed(shown, request.user, now), wish.get("page") or 1)
    names = code_names(page.rows)
    rows = [(it, names.get(it.key_id, ""), it.is_late(now)) for it in page]
    context = {"page": page, "rows": rows, "shown": shown, "lists": ListForm.SHOWN, "room": "cases"}
    return render(request, "cases/cases.html", context)


def _listed(shown: str, user: User, now: datetime) -> CaseQuerySet:
    """One of the lists, in its order; to put a question together costs more than its answer."""
    every = Case.objects.select_related("holder", "next_task")
    if shown == "mine":
        return every.next_of(user)
    found = every.visible_to(user)
    if shown == "closed":
        return found.exclude(closed_at=None).order_by("-closed_at", "-number")
    if shown == "left":
        return found.left_to(user).next_first()
    late = {"next_due__lt": now} if shown == "late" else {}
    return found.open().filter(**late).next_first()


@staff(permissions.follow_cases)
@require_GET
@of_a_case
def case(request: StaffRequest, it: Case) -> HttpResponse:
    return show(request, it)


@staff(permissions.follow_cases)
@require_POST
def open_(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Say why one opens it."""
    say_why(request, of_mine, pk)
    return redirect("case", pk)


@staff(permissions.follow_cases)
@require_POST
def open_from(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """The case of the person of whom this contact tells; the one there is, or a new one.

    Where the contact before it belongs to one, that is asked first: `new` answers it.
    """
    by_name, by_role = request.user.acting().holders
    found = _told_by.first(pk=contact, by_name=by_name, by_role=by_role)
    if found is None:
        raise Http404
    if found.follows_id and "new" not in request.POST and is_followed_elsewhere(found, request.user):
        return redirect("case-with-contact", found.pk)
    return redirect("case", rules.open_case(mark_locked(found), by=request.user, now=timezone.now()).pk)


@LockedQuery
def _told_by() -> QuerySet[Contact]:
    """A contact that this person may see, to begin a case of it."""
    return Contact.objects.select_related("key").filter(
        HasKey(Parameter("by_name"), Parameter("by_role"), each=True), pk=Parameter("pk")
    )


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def situation(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = SituationForm(request.POST), request.user, timezone.now()
    return attempt(request, it, "situation", form, lambda typed: rules.change_case(it, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def write(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = NoteForm(request.POST), request.user, timezone.now()
    return attempt(request, it, "note", form, lambda typed: rules.write_note(it, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def take(request: StaffRequest, it: Case) -> HttpResponse:
    rules.take_in_hand(it, by=request.user, now=timezone.now())
    return redirect("case", it.pk)


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def join(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = ColleagueForm(request.POST, colleagues=colleagues(it)), request.user, timezone.now()
    return attempt(request, it, "colleague", form, lambda typed: rules.let_join(it, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def leave(request: StaffRequest, it: Case, user: int) -> HttpResponse:
    """Who left it themselves has no page of it any more."""
    colleague = get_object_or_404(members(it), pk=user)
    rules.let_leave(it, colleague, by=request.user, now=timezone.now())
    return redirect("cases") if colleague == request.user else redirect("case", it.pk)


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def leave_to_the_next(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = HandOverForm(request.POST, team=members(it), by=request.user), request.user, timezone.now()
    return attempt(request, it, "leaving", form, lambda typed: rules.hand_over(it, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def read(request: StaffRequest, it: Case, hand_over: uuid.UUID) -> HttpResponse:
    left = get_object_or_404(it.hand_overs, pk=hand_over)
    rules.read_hand_over(left, by=request.user, now=timezone.now())
    return redirect("case", it.pk)


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def follow_up(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = FollowUpForm(request.POST), request.user, timezone.now()
    return attempt(request, it, "pace", form, lambda typed: rules.follow_up(it, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def close(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = CloseForm(request.POST, auto_id=OF_CLOSING), request.user, timezone.now()
    return attempt(request, it, "closing", form, lambda typed: rules.close_case(it, **typed, by=by, now=now))


@staff(permissions.supervise)
@require_POST
@of_a_case
def erase(request: StaffRequest, it: Case) -> HttpResponse:
    """As she asked: there is no page of it any more."""
    form, by, now = EraseForm(request.POST), request.user, timezone.now()
    answer = attempt(request, it, "erasing", form, lambda typed: erase_case(it, **typed, by=by, now=now))
    return redirect("cases") if answer.status_code == 302 else answer


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def reopen(request: StaffRequest, it: Case) -> HttpResponse:
    form, by, now = ReopenForm(request.POST), request.user, timezone.now()
    return attempt(request, it, "again", form, lambda typed: rules.reopen_case(it, **typed, by=by, now=now))
