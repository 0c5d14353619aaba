"""The people who work here: for administrators."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pages import View
from amparo.foundation.core.refusal import Refused

from . import colleagues, permissions, rules
from .forms import PeopleForm, PersonForm, RoleForm
from .models import EnrolmentCode, Kind, Recovery, Role, User
from .pages import StaffRequest, staff
from .session_state import requires_recent_proof


def for_administrators(view: View) -> View:
    return staff(permissions.manage_people)(view)


def with_recent_proof(view: View) -> View:
    """Decorate pages that change who may sign in: they need a recent proof of identity."""
    return for_administrators(require_POST(requires_recent_proof(view)))


@for_administrators
def staff_list(request: StaffRequest) -> HttpResponse:
    return render(request, "access/staff.html", _context(request))


@with_recent_proof
def add_person(request: StaffRequest) -> HttpResponse:
    form = PersonForm(request.POST, kind=Kind(request.user.agency.kind))
    if refusal := first_error(form):
        return render(request, "access/staff.html", _context(request) | {"form": form, "refusal": refusal}, status=400)
    data = form.cleaned_data
    code = rules.add_person(data["username"], data["name"], Role(data["role"]), by=request.user, now=timezone.now())
    return _show_code_once(request, User.objects.get(username=data["username"]), code)


@with_recent_proof
def renew_code(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    return _show_code_once(request, person, rules.renew_code(person, by=request.user, now=timezone.now()))


@for_administrators
@require_http_methods(["GET", "POST"])
@requires_recent_proof
def change_role(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a colleague's role. It needs a recent proof of identity, as all that decides who may do what."""
    person = get_object_or_404(User, pk=pk, agency=request.user.agency_id, is_machine=False)
    kind, refusal = Kind(request.user.agency.kind), ""
    form = RoleForm(request.POST or None, initial={"role": person.role}, kind=kind)
    if request.method == "POST" and not (refusal := first_error(form)):
        try:
            rules.change_role(person, Role(form.cleaned_data["role"]), by=request.user)
            return redirect("staff")
        except Refused as refused:
            refusal = str(refused)
    context = {"person": person, "form": form, "refusal": refusal, "room": "staff"}
    return render(request, "access/role.html", context, status=422 if refusal else 200)


@with_recent_proof
def lock_person(request: StaffRequest, pk: int) -> HttpResponse:
    rules.lock_person(get_object_or_404(User, pk=pk), by=request.user)
    return redirect("staff")


@with_recent_proof
def unlock_person(request: StaffRequest, pk: int) -> HttpResponse:
    rules.unlock_person(get_object_or_404(User, pk=pk), by=request.user)
    return redirect("staff")


@with_recent_proof
def request_recovery(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    half = rules.request_recovery(person, by=request.user, now=timezone.now())
    return _show_code_once(request, person, half, part="first")


@with_recent_proof
def confirm_recovery(request: StaffRequest, pk: int) -> HttpResponse:
    recovery = get_object_or_404(Recovery, person=pk, confirmed_at=None)
    half = rules.confirm_recovery(recovery, by=request.user, now=timezone.now())
    return _show_code_once(request, recovery.person, half, part="second")


@with_recent_proof
def withdraw_recovery(request: StaffRequest, pk: int) -> HttpResponse:
    rules.withdraw_recovery(get_object_or_404(Recovery, person=pk, confirmed_at=None), by=request.user)
    return redirect("staff")


def _show_code_once(request: StaffRequest, person: User, code: str, part: str = "both") -> HttpResponse:
    """Show an enrolment code once. `part`: the "first" or "second" half of a recovery code, or "both"."""
    hours = int(EnrolmentCode.GOOD_FOR.total_seconds() // 3600)
    return render(request, "access/code.html", {"person": person, "code": code, "part": part, "hours": hours})


def _context(request: StaffRequest) -> dict[str, Any]:
    form, now = PeopleForm(request.GET), timezone.now()
    filters = form.cleaned_data if form.is_valid() else {}
    everybody = colleagues.list_colleagues(request.user, now)
    people = [it for it in everybody if not filters.get("role") or it.person.role == filters["role"]]
    show = filters.get("show") or PeopleForm.ALL
    shown = [(name, label, [it for it in people if name in it.states]) for name, label in PeopleForm.SHOWS]
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(agency=request.user.agency_id)
    recoveries = Recovery.objects.filter(confirmed_at=None).select_related("person", "requested_by", "requested_agency")
    return {
        "room": "staff",
        "form": PersonForm(kind=Kind(request.user.agency.kind)),
        "filters": form,
        "show": show,
        "shows": [(name, label, len(found)) for name, label, found in shown],
        "people": next(found for name, _label, found in shown if name == show),
        "others": others.select_related("agency").order_by("first_name", "username"),
        "helps_others": request.user.agency.kind == Kind.HOTLINE,
        "recoveries": recoveries,
        "waiting": {recovery.person_id for recovery in recoveries},
    }
