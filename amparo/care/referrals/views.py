import functools
import uuid
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.care.cases.models import Case
from amparo.care.cases.presentation import person_of_case_or_404, with_case
from amparo.care.consent.institutions import scope_of
from amparo.care.consent.table import disclosure_row
from amparo.care.directory.models import Service
from amparo.care.disclosures.rules import names_of_left_out, with_live_basis
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pagination import paginate
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.idempotency import make_once_from_page
from amparo.foundation.oversight.pages import store_reason, with_open_file
from amparo.foundation.vault.fields import log_reads_together

from . import rules
from .clock import request_of
from .forms import CancelReferralForm, ReferralEventForm, ReferralForm
from .models import ProgramShare, ProviderLink, Referral, state_of
from .picklists import OF_A_REFERRAL, OVER, ReferralEventKind

SHOWN = 100  # on one page


def visible_referrals(user: User) -> QuerySet[Referral]:
    found = Referral.objects.visible_to(user).with_state(timezone.now())
    return found.select_related("key", "service__organization", "sent_by", "case", "person")


with_referral = with_open_file(visible_referrals, "referrals/why_referral.html", "referrals")


@staff(permissions.follow_cases)
@require_POST
@with_case
def compose(request: StaffRequest, it: Case, person: uuid.UUID) -> HttpResponse:
    """Write and send a referral to a service chosen in the directory.

    All steps are posted, so that no URL tells who goes where.
    """
    found, form, refusal = person_of_case_or_404(it, person), ReferralForm(request.POST), ""
    service = get_object_or_404(Service.objects.select_related("organization"), pk=_service_id(request))
    if "facts" in request.POST and not (refusal := first_error(form)):
        try:
            return redirect("referral", _send_referral(request, found, service, form))
        except Refused as reason:
            refusal = str(reason)
    form = form if "facts" in request.POST else ReferralForm(initial={"service": service.pk})
    organization = service.organization
    line = disclosure_row(found, scope_of(organization), timezone.now())
    form.keep_allowed_fields(line.shared)
    joined = ProviderLink.objects.active().filter(organization=organization).first()
    context = {
        "case": it, "person": found, "service": service, "form": form, "refusal": refusal, "table": [line],
        "joined": joined, "room": "referrals",
    }  # fmt: skip
    return render(request, "referrals/ask.html", context, status=422 if refusal else 200)


@staff(permissions.follow_cases)
@require_GET
def referrals(request: StaffRequest) -> HttpResponse:
    """List the referrals of the user's cases: late answers first, then the newest."""
    now = timezone.now()
    found = Referral.objects.visible_to(request.user).with_state(now).defer("facts")
    rows = [
        (it, state_of(it), request_of(it, now)) for it in found.select_related("service", "case").late_first()[:SHOWN]
    ]
    return render(request, "referrals/referrals.html", {"rows": rows, "room": "referrals"})


@staff(permissions.follow_cases)
@require_GET
@with_referral
def referral(request: StaffRequest, it: Referral) -> HttpResponse:
    return _show(request, it)


@staff(permissions.follow_cases)
@require_POST
def record_purpose(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record the purpose for which the user opens a referral."""
    return store_reason(request, visible_referrals, pk, "referral")


@staff(permissions.follow_cases)
@require_POST
@with_referral
def issue_link(request: StaffRequest, it: Referral) -> HttpResponse:
    """Issue a link for the service. Only this page ever shows it."""
    try:
        secret = rules.issue_link(it, by=request.user, now=timezone.now())
    except Refused as reason:
        return _show(request, it, refusal=str(reason), status=422)
    context = {"referral": it, "secret": secret, "address": _link_address(), "room": "referrals"}
    return render(request, "referrals/link.html", context)


@staff(permissions.follow_cases)
@require_POST
@with_referral
def record_event(request: StaffRequest, it: Referral) -> HttpResponse:
    """Record what the service said by telephone, or that the person was informed."""
    form = ReferralEventForm(request.POST)
    if not (refusal := first_error(form)):
        typed = form.cleaned_data
        kind, why = ReferralEventKind(typed["kind"]), typed["why_not"]
        reason = why if why and kind == ReferralEventKind.DECLINED else None
        try:
            rules.record_referral_event(
                it, kind, words=typed["words"], why_not=reason, by=request.user, now=timezone.now()
            )
            return redirect("referral", it.pk)
        except Refused as refused:
            refusal = str(refused)
    return _show(request, it, turning=form, refusal=refusal, status=422)


@staff(permissions.follow_cases)
@require_POST
@with_referral
def cancel_referral(request: StaffRequest, it: Referral) -> HttpResponse:
    form = CancelReferralForm(request.POST)
    if not (refusal := first_error(form)):
        try:
            rules.cancel_referral(it, **form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("referral", it.pk)
        except Refused as refused:
            refusal = str(refused)
    return _show(request, it, cancelling=form, refusal=refusal, status=422)


def _send_referral(request: StaffRequest, person: Person, service: Service, form: ReferralForm) -> str:
    by, now, facts = request.user, timezone.now(), form.cleaned_data["facts"]
    ask = functools.partial(rules.refer, person, service, facts=facts, details=form.details, by=by, now=now)
    return make_once_from_page(form.cleaned_data["page"], request.POST.urlencode(), ask, by=by, now=now)


def _service_id(request: StaffRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("service", ""))
    except ValueError:
        raise Refused(_("Choose a service in the directory first.")) from None


def _show(request: StaffRequest, it: Referral, *, status: int = 200, **typed: Any) -> HttpResponse:
    events = paginate(it.events.select_related("by", "key").order_by("at", "pk")).rows
    still = with_live_basis(details := it.details, timezone.now())
    log_reads_together(it, [it, *events])
    context = {
        "referral": it, "clock": request_of(it, timezone.now()),
        "state": (state := state_of(it)), "is_over": state in OVER, "events": events, "details": details,
        "still": still, "left_out": names_of_left_out(still, OF_A_REFERRAL), "room": "referrals",
        "link": it.links.filter(ended_at=None).first(), "program_share": ProgramShare.objects.for_referral(it),
        "turning": ReferralEventForm(), "cancelling": CancelReferralForm(), **typed,
    }  # fmt: skip
    return render(request, "referrals/referral.html", context, status=status)


def _link_address() -> str:
    """Return the URL of the page on which a service answers.

    It is never built from the Host header, which the sender of a request controls.
    """
    return f"{settings.ENVIRONMENT.public_address}reply"
