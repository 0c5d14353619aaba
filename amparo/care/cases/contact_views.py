"""The contacts of a case: read their notes, assign one to an existing case, or open a new one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts import summaries
from amparo.line.contacts.models import Contact

from . import rules
from .forms import CaseCodeForm
from .models import Case, CaseContact, CaseQuerySet, code_names
from .presentation import with_case

AT_A_GLANCE = 50  # number of the user's open cases listed, earliest due date first; others are entered by their code


@staff(permissions.follow_cases)
@require_GET
@with_case
def contact(request: StaffRequest, case: Case, contact: uuid.UUID) -> HttpResponse:
    """Show the notes of a contact of this case. Nothing can be changed here."""
    own = Contact.objects.visible_to(request.user).filter(inclusion__case=case)
    found = get_object_or_404(own.select_related("call", "operator", "key"), pk=contact)
    cited = found.cited_articles.in_order()
    return render(
        request, "cases/contact.html", {"case": case, "contact": found, "cited_articles": cited, "room": "cases"}
    )


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
def choose_case(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """List cases that could be this contact's, those of the same caller first. POST adds the contact to one of them.

    This avoids a second case for the same person.
    """
    found = get_object_or_404(Contact.objects.visible_to(request.user).select_related("key", "call"), pk=contact)
    if request.method == "GET":
        return _show(request, found)
    form = CaseCodeForm(request.POST)
    if refusal := first_error(form):
        return _show(request, found, refusal=refusal, form=form)
    case = Case.objects.visible_to(request.user).filter(number=form.cleaned_data["code"]).first()
    try:
        if case is None:
            raise Refused(_("There is no such case for you. A code reads like L-1031."))
        rules.include_contact(case, found, by=request.user, now=timezone.now())
    except Refused as reason:
        return _show(request, found, refusal=str(reason), form=form)
    return redirect("case", case.pk)


def open_cases_of_same_caller(contact: Contact, user: User) -> CaseQuerySet:
    """Return open cases that `user` can see and that contain an earlier contact of the same caller."""
    others = {outline.pk for outline in summaries.earlier_contacts(contact.call)} | {contact.follows_id}
    return Case.objects.visible_to(user).open().filter(inclusions__contact__in=others - {None}).distinct()


def is_followed_elsewhere(contact: Contact, user: User) -> bool:
    """True if the contact has no case yet, but an earlier contact of the same caller has one."""
    return (
        not CaseContact.objects.filter(contact=contact).exists() and open_cases_of_same_caller(contact, user).exists()
    )


def _show(
    request: StaffRequest, contact: Contact, *, refusal: str = "", form: CaseCodeForm | None = None
) -> HttpResponse:
    likely = list(open_cases_of_same_caller(contact, request.user).earliest_due_first())
    own = [case for case in Case.objects.open_by_due_date(request.user)[:AT_A_GLANCE] if case not in likely]
    names = code_names([*likely, *own])
    context = {
        "contact": contact, "form": form or CaseCodeForm(), "refusal": refusal, "room": "cases",
        "likely": [(case, names.get(case.key_id, "")) for case in likely],
        "mine": [(case, names.get(case.key_id, "")) for case in own],
    }  # fmt: skip
    return render(request, "cases/belongs.html", context, status=422 if refusal else 200)
