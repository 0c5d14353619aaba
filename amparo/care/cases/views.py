import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import hand_on, lock_first
from amparo.foundation.core.undo import label_undo, offer_undo
from amparo.foundation.oversight.pages import store_reason
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import request_callback

from . import rules
from .contact_views import is_followed_elsewhere
from .erasure import erase_case
from .forms import (
    CloseForm,
    ColleagueForm,
    EraseForm,
    FollowUpForm,
    HandOverForm,
    NoteForm,
    ReopenForm,
    SituationForm,
)
from .models import Case
from .presentation import OF_CLOSING, attempt, colleagues, members, safe_contact, show_case, visible_cases, with_case

label_undo("joined", gettext_lazy("Added to the team."), gettext_lazy("Remove from team"))
label_undo("left", gettext_lazy("Removed from the team; what they had to do is the shift's."), gettext_lazy("Add back"))


@staff(permissions.follow_cases)
@require_GET
@with_case
def case(request: StaffRequest, case: Case) -> HttpResponse:
    return show_case(request, case)


@staff(permissions.follow_cases)
@require_GET
@with_case
def tab(request: StaffRequest, case: Case, tab: str) -> HttpResponse:
    return show_case(request, case, tab)


@staff(permissions.follow_cases)
@require_POST
def record_purpose(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record the purpose for which the user opens a case."""
    return store_reason(request, visible_cases, pk, "case")


@staff(permissions.follow_cases)
@require_POST
def open_from(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """Open the case of this contact: the existing one, or a new one.

    If an earlier contact of the same caller has a case, redirect to the choice first. `new` in the form skips that.
    """
    found = lock_first(Contact.objects.visible_to(request.user).filter(pk=contact))
    if found is None:
        raise Http404
    hand_on(found)
    if found.follows_id and "new" not in request.POST and is_followed_elsewhere(found, request.user):
        return redirect("case-with-contact", found.pk)
    return redirect("case", rules.open_case(found, by=request.user, now=timezone.now()).pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def change_situation(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = SituationForm(request.POST), request.user, timezone.now()
    return attempt(request, case, "situation", form, lambda typed: rules.change_case(case, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@with_case
def write_note(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = NoteForm(request.POST), request.user, timezone.now()
    return attempt(request, case, "note", form, lambda typed: rules.write_note(case, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@with_case
def request_call(request: StaffRequest, case: Case) -> HttpResponse:
    """Put the person on the shift's list of return calls. Users who take calls are redirected to that list."""
    card = safe_contact(case)
    if card is None:
        raise Refused(_("There is no safe number. Without one nobody is called back."))
    try:
        request_callback(card, by=request.user)
    except Refused as refused:
        return show_case(request, case, refusal=str(refused), status=422)
    if permissions.take_calls(request.user):
        return redirect(f"{reverse('console')}#card-{card.pk}")
    return redirect("case", case.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def take_charge(request: StaffRequest, case: Case) -> HttpResponse:
    rules.take_charge(case, by=request.user, now=timezone.now())
    return redirect("case", case.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def add_member(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = ColleagueForm(request.POST, colleagues=colleagues(case)), request.user, timezone.now()
    answer = attempt(request, case, "colleague", form, lambda typed: rules.add_member(case, **typed, by=by, now=now))
    joined = form.cleaned_data.get("user")
    return offer_undo(answer, "joined", reverse("case-leave", args=[case.pk, joined.pk])) if joined else answer


@staff(permissions.follow_cases)
@require_POST
@with_case
def remove_member(request: StaffRequest, case: Case, user: int) -> HttpResponse:
    """Remove a member. Users who remove themselves are sent to the list, because they can no longer open the case."""
    colleague = get_object_or_404(members(case), pk=user)
    rules.remove_member(case, colleague, by=request.user, now=timezone.now())
    if colleague == request.user:
        return redirect("cases")
    return offer_undo(redirect("case", case.pk), "left", reverse("case-team", args=[case.pk]), user=colleague.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def hand_over(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = HandOverForm(request.POST, team=members(case), by=request.user), request.user, timezone.now()
    return attempt(request, case, "leaving", form, lambda typed: rules.hand_over(case, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@with_case
def read_hand_over(request: StaffRequest, case: Case, hand_over: uuid.UUID) -> HttpResponse:
    left = get_object_or_404(case.hand_overs, pk=hand_over)
    rules.read_hand_over(left, by=request.user, now=timezone.now())
    return redirect("case", case.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def follow_up(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = FollowUpForm(request.POST), request.user, timezone.now()
    return attempt(request, case, "pace", form, lambda typed: rules.follow_up(case, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@with_case
def close(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = CloseForm(request.POST, auto_id=OF_CLOSING), request.user, timezone.now()
    return attempt(request, case, "closing", form, lambda typed: rules.close_case(case, **typed, by=by, now=now))


@staff(permissions.supervise)
@require_POST
@with_case
def erase(request: StaffRequest, case: Case) -> HttpResponse:
    """Erase the case, then redirect to the list, because the page no longer exists."""
    form, by, now = EraseForm(request.POST), request.user, timezone.now()
    answer = attempt(request, case, "erasing", form, lambda typed: erase_case(case, **typed, by=by, now=now))
    return redirect("cases") if answer.status_code == 302 else answer


@staff(permissions.follow_cases)
@require_POST
@with_case
def reopen(request: StaffRequest, case: Case) -> HttpResponse:
    form, by, now = ReopenForm(request.POST), request.user, timezone.now()
    return attempt(request, case, "again", form, lambda typed: rules.reopen_case(case, **typed, by=by, now=now))
