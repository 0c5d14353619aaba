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
from amparo.foundation.core.refusal import Refused

from . import consents
from .forms import BasisForm, ConsentForm, ReviewForm
from .models import Case
from .presentation import chosen, of_a_case, person_of, said

USUALLY = timedelta(days=30)  # how long a consent is proposed to last
OF_BASIS = "basis-%s"  # two forms on the page have a field of this name


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@of_a_case
def consent(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """What to say, what she agrees to, and whom what may be told now."""
    found = person_of(it, person)
    if request.method == "GET":
        return _show(request, it, found)
    form = ConsentForm(request.POST, person=found)
    refusal = said(form)
    if not refusal:
        try:
            consents.agree(found, **form.said, by=request.user, now=timezone.now())
            return redirect("case-consent", it.pk, found.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, it, found, form=form, refusal=refusal, status=422)


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def withdraw(request: StaffRequest, it: Case, consent: uuid.UUID) -> HttpResponse:
    """Of somebody of this case; or what she agreed to in another one, where she was merged with somebody of this."""
    found = get_object_or_404(Consent.objects.select_related("person"), pk=consent)
    person = found.person
    if found.key_id != it.key_id:
        person = get_object_or_404(records_elsewhere(person).filter(key=it.key_id)[:1])
    consents.take_back(found, by=request.user, now=timezone.now())
    return redirect("case-consent", it.pk, person.pk)


@staff(permissions.follow_cases)
@require_POST
@of_a_case
def basis(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    found, form = person_of(it, person), BasisForm(request.POST, people=it.persons, auto_id=OF_BASIS)
    refusal = said(form)
    if not refusal:
        try:
            consents.decide_to_tell(
                form.cleaned_data.pop("about"), **form.cleaned_data, by=request.user, now=timezone.now()
            )
            return redirect("case-consent", it.pk, found.pk)
        except Refused as reason:
            refusal = str(reason)
    return _show(request, it, found, basis=form, refusal=refusal, status=422)


@staff(permissions.supervise)
@require_POST
@of_a_case
def review(request: StaffRequest, it: Case, basis: uuid.UUID) -> HttpResponse:
    found, form = get_object_or_404(DisclosureBasis, pk=basis, key=it.key_id), ReviewForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say whether it stands."))
    review_basis(found, stands=form.cleaned_data["stands"], by=request.user, now=timezone.now())
    return redirect("case", it.pk)


def _show(request: StaffRequest, it: Case, person: Person, *, status: int = 200, **typed: Any) -> HttpResponse:
    now = timezone.now()
    until = timezone.localtime(now + USUALLY).replace(second=0, microsecond=0)
    hers = Consent.objects.select_related("key", "person", "recorded_by").order_by("-given_at")
    consents, elsewhere = hers.filter(person__in=same_human(person)), hers.filter(person__in=records_elsewhere(person))
    bases = (
        DisclosureBasis.objects.filter(key=it.key_id)
        .select_related("key", "decided_by", "person")
        .order_by("-decided_at")
    )
    context = {
        "case": it, "person": person, "room": "cases", "policy": PolicyVersion.objects.in_force(now),
        "form": ConsentForm(initial={"expires_at": until}, person=person),
        "basis": BasisForm(people=it.persons, auto_id=OF_BASIS),
        "consents": [(one, one.is_live(now), one.in_words()) for one in [*consents, *elsewhere.live(now)]],
        "bases": [(one, one.is_live(now)) for one in bases], "supervises": permissions.supervise(request.user),
        "chosen": chosen(it),
        "table": table_of(person, now), **typed,
    }  # fmt: skip
    return render(request, "cases/consent.html", context, status=status)
