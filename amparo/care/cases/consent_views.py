import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amparo.care.consent.models import Consent, DisclosureBasis, PolicyVersion, records_elsewhere, same_human_records
from amparo.care.consent.rules import review_basis
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import consents
from .consent_forms import ConsentForm
from .consent_page import ConsentPage, with_bundle_filled
from .forms import BasisForm, BasisReviewForm
from .models import Case
from .presentation import person_of_case_or_404, privacy_choice, with_case

OF_BASIS = "basis-%s"  # id prefix: two forms on the page have a field of the same name


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def consent(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show the table of data and recipients, the sentences to read aloud, and earlier consents.

    POST records a consent, or only previews it.
    """
    found = person_of_case_or_404(case, person)
    form, refusal, is_recorded = _try_to_record(request, found)
    if is_recorded:
        return redirect(reverse("case-consent", args=[case.pk, found.pk], query={"recorded": "yes"}))
    return _show(request, case, found, form=form, consent_refusal=refusal, status=422 if refusal else 200)


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def consent_part(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """The main part of the page alone, for a script or a narrow panel. POST works as on the page."""
    found = person_of_case_or_404(case, person)
    form, refusal, is_recorded = _try_to_record(request, found)
    context = {**_part_context(case, found, form), "refusal": refusal, "is_recorded": is_recorded, "is_panel": True}
    return render(request, "cases/_consent.html", context, status=422 if refusal else 200)


def _try_to_record(request: StaffRequest, person: Person) -> tuple[ConsentForm, str, bool]:
    """Record what the page sent. Return the form to show, why it was refused, and whether it was recorded."""
    now, do = timezone.now(), request.POST.get("do")
    if request.method == "GET":
        return ConsentForm(person=person, now=now), "", False
    form = ConsentForm(
        with_bundle_filled(request.POST, person, now) if do == "fill" else request.POST, person=person, now=now
    )
    if do in ("preview", "fill"):
        return form, "", False
    refusal = first_error(form)
    if not refusal:
        try:
            informed = ConsentPage.of(form).informed
            consents.record_consents_in_case(
                person, form.consents_to_record, informed=informed, **form.shared_values, by=request.user, now=now
            )
            return ConsentForm(person=person, now=timezone.now()), "", True
        except Refused as reason:
            refusal = str(reason)
    return form, refusal, False


@staff(permissions.follow_cases)
@require_POST
@with_case
def withdraw_consent(request: StaffRequest, case: Case, consent: uuid.UUID) -> HttpResponse:
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
def record_basis(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    found, form = person_of_case_or_404(case, person), BasisForm(request.POST, people=case.persons, auto_id=OF_BASIS)
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
def record_basis_review(request: StaffRequest, case: Case, basis: uuid.UUID) -> HttpResponse:
    found, form = get_object_or_404(DisclosureBasis, pk=basis, key=case.key_id), BasisReviewForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say whether it stands."))
    review_basis(found, stands=form.cleaned_data["stands"], by=request.user, now=timezone.now())
    return redirect(f"{reverse('bases')}?reviewed")


def _show(request: StaffRequest, case: Case, person: Person, *, status: int = 200, **typed: Any) -> HttpResponse:
    now = timezone.now()
    newest = Consent.objects.select_related("key", "person", "recorded_by").order_by("-given_at")
    consents = newest.filter(person__in=same_human_records(person))
    elsewhere = newest.filter(person__in=records_elsewhere(person))
    bases = (
        DisclosureBasis.objects.filter(key=case.key_id)
        .select_related("key", "decided_by", "person")
        .order_by("-decided_at")
    )
    form = typed.pop("form", None) or ConsentForm(person=person, now=now)
    context = {
        **_part_context(case, person, form), "room": "cases", "is_recorded": "recorded" in request.GET,
        "basis": BasisForm(people=case.persons, auto_id=OF_BASIS),
        "consents": [(one, one.is_live(now), one.in_words()) for one in [*consents, *elsewhere.live(now)]],
        "bases": [(one, one.is_live(now)) for one in bases], "supervises": permissions.supervise(request.user),
        **typed,
    }  # fmt: skip
    return render(request, "cases/consent.html", context, status=status)


def _part_context(case: Case, person: Person, form: ConsentForm) -> dict[str, Any]:
    """The context of the part that asks for consent."""
    policy = PolicyVersion.objects.in_force(form.now)
    return {
        "case": case, "person": person, "form": form, "consent": ConsentPage.of(form, policy), "policy": policy,
        "chosen": privacy_choice(case),
    }  # fmt: skip
