"""To which case a contact belongs: one that is here already, or a new one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts import summaries
from amparo.line.contacts.models import Contact

from . import rules
from .forms import CaseCodeForm
from .models import Case, CaseContact, CaseQuerySet
from .presentation import code_names, said

AT_A_GLANCE = 50  # open cases of one's own, the nearest first; any other is named by its code


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
def belongs(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """Those in which the same caller was heard first; what somebody follows already is not begun a second time."""
    told = get_object_or_404(Contact.objects.visible_to(request.user).select_related("key", "call"), pk=contact)
    if request.method == "GET":
        return _show(request, told)
    form = CaseCodeForm(request.POST)
    if refusal := said(form):
        return _show(request, told, refusal=refusal, form=form)
    it = Case.objects.visible_to(request.user).filter(number=form.cleaned_data["code"]).first()
    try:
        if it is None:
            raise Refused(_("There is no such case for you. A code reads like L-1031."))
        rules.include_contact(it, told, by=request.user, now=timezone.now())
    except Refused as reason:
        return _show(request, told, refusal=str(reason), form=form)
    return redirect("case", it.pk)


def same_caller(contact: Contact, user: User) -> CaseQuerySet:
    """Open cases that one may see and that the contact before this one belongs to, or another of the same caller."""
    others = {outline.pk for outline in summaries.earlier(contact.call)} | {contact.follows_id}
    return Case.objects.visible_to(user).open().filter(inclusions__contact__in=others - {None}).distinct()


def is_followed_elsewhere(contact: Contact, user: User) -> bool:
    """Whether it has no case yet, and the one before it has."""
    return not CaseContact.objects.filter(contact=contact).exists() and same_caller(contact, user).exists()


def _show(
    request: StaffRequest, contact: Contact, *, refusal: str = "", form: CaseCodeForm | None = None
) -> HttpResponse:
    likely = list(same_caller(contact, request.user).next_first())
    mine = [it for it in Case.objects.next_of(request.user)[:AT_A_GLANCE] if it not in likely]
    names = code_names([*likely, *mine])
    context = {
        "contact": contact, "form": form or CaseCodeForm(), "refusal": refusal, "room": "cases",
        "likely": [(it, names.get(it.key_id, "")) for it in likely],
        "mine": [(it, names.get(it.key_id, "")) for it in mine],
    }  # fmt: skip
    return render(request, "cases/belongs.html", context, status=422 if refusal else 200)
