import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amparo.care.consent.models import Consent, DisclosureBasis, PolicyVersion, records_elsewhere, same_human
from amparo.care.consent.rules import review_basis
from amparo.care.consent.table import table_of
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import consents
from .forms import BasisForm, ConsentForm, ReviewForm
from .models import Case
from .presentation import person_of, privacy_choice, with_case

USUALLY = timedelta(days=30)  # default validity of a consent on the form
OF_BASIS = "basis-%s"  # id prefix: two forms on the page have a field of the same name


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def consent(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show what to tell the person, the consent form, and the table of allowed disclosures. POST records a consent."""
    found = person_of(case, person)
    if request.method == "GET":
        return _show(request, case, found)
    form = ConsentForm(request.POST, person=found)
    refusal = first_error(form)
    if not refusal:
        try:
            consents.record_consent_in_case(found, **form.said, by=request.user, now=timezone.now())
            return redirect("case-consent", case.pk, found.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, case, found, form=form, refusal=refusal, status=422)


@staff(permissions.follow_cases)
@require_POST
@with_case
def withdraw(request: StaffRequest, case: Case, consent: uuid.UUID) -> HttpResponse:
    """Withdraw a consent of a person of this case, or one given in another case by a person merged with them."""
    found = get_object_or_404(Consent.objects.select_related("person"), pk=consent)
    person = found.person
    if found.key_id != case.key_id:
        person = get_object_or_404(records_elsewhere(person).filter(key=case.key_id)[:1])
    consents.withdraw_consent_in_case(found, by=request.user, now=timezone.now())
    return redirect("case-consent", case.pk, person.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def basis(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    found, form = person_of(case, person), BasisForm(request.POST, people=case.persons, auto_id=OF_BASIS)
    refusal = first_error(form)
    if not refusal:
        try:
            consents.record_basis_in_case(
                form.cleaned_data.pop("about"), **form.cleaned_data, by=request.user, now=timezone.now()
            )
            return redirect("case-consent", case.pk, found.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, case, found, basis=form, refusal=refusal, status=422)


@staff(permissions.supervise)
@require_POST
@with_case
def review(request: StaffRequest, case: Case, basis: uuid.UUID) -> HttpResponse:
    found, form = get_object_or_404(DisclosureBasis, pk=basis, key=case.key_id), ReviewForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say whether it stands."))
    review_basis(found, stands=form.cleaned_data["stands"], by=request.user, now=timezone.now())
    return redirect("case", case.pk)


def _show(request: StaffRequest, case: Case, person: Person, *, status: int = 200, **typed: Any) -> HttpResponse:
    now = timezone.now()
    until = timezone.localtime(now + USUALLY).replace(second=0, microsecond=0)
    newest = Consent.objects.select_related("key", "person", "recorded_by").order_by("-given_at")
    consents = newest.filter(person__in=same_human(person))
    elsewhere = newest.filter(person__in=records_elsewhere(person))
    bases = (
        DisclosureBasis.objects.filter(key=case.key_id)
        .select_related("key", "decided_by", "person")
        .order_by("-decided_at")
    )
    context = {
        "case": case, "person": person, "room": "cases", "policy": PolicyVersion.objects.in_force(now),
        "form": ConsentForm(initial={"expires_at": until}, person=person),
        "basis": BasisForm(people=case.persons, auto_id=OF_BASIS),
        "consents": [(one, one.is_live(now), one.in_words()) for one in [*consents, *elsewhere.live(now)]],
        "bases": [(one, one.is_live(now)) for one in bases], "supervises": permissions.supervise(request.user),
        "chosen": privacy_choice(case),
        "table": table_of(person, now), **typed,
    }  # fmt: skip
    return render(request, "cases/consent.html", context, status=status)
