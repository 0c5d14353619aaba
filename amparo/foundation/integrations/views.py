"""The page on which an institution's administrators manage its programs: tokens and webhooks."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.access.session_state import requires_recent_proof
from amparo.foundation.core.pages import View
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import HookForm, TokenForm
from .keys import signing_secret
from .models import ApiToken, Delivery, WebhookEndpoint


def with_recent_proof(view: View) -> View:
    """Decorate pages that give a program access, or change where news is sent: they need a recent proof of identity."""
    return staff(permissions.manage_integrations)(require_POST(requires_recent_proof(view)))


@staff(permissions.manage_integrations)
@require_GET
def integrations(request: StaffRequest) -> HttpResponse:
    return _integrations_page(request)


@with_recent_proof
def add_program(request: StaffRequest) -> HttpResponse:
    """Create a token. This is the only page that ever shows it."""
    form = TokenForm(request.POST)
    try:
        token = rules.give_token(**_valid_data(form), by=request.user, now=timezone.now())
    except Refused as refusal:
        return _integrations_page(request, adding=form, refusal=str(refusal), status=422)
    return render(request, "integrations/once.html", {"room": "integrations", "name": token.user, "secret": token.text})


@with_recent_proof
def end_token(request: StaffRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, agency=request.user.agency)
    rules.end_token(token, by=request.user, now=timezone.now())
    return redirect("integrations")


@with_recent_proof
def set_webhook(request: StaffRequest) -> HttpResponse:
    """Set the webhook. This is the only page that ever shows its secret."""
    form = HookForm(request.POST)
    try:
        endpoint = rules.set_webhook(**_valid_data(form), by=request.user, now=timezone.now())
    except Refused as refusal:
        return _integrations_page(request, naming=form, refusal=str(refusal), status=422)
    return render(
        request,
        "integrations/once.html",
        {"room": "integrations", "hook": endpoint, "secret": signing_secret(endpoint.pk)},
    )


@with_recent_proof
def end_webhook(request: StaffRequest) -> HttpResponse:
    if endpoint := WebhookEndpoint.objects.filter(agency=request.user.agency, ended_at=None).first():
        rules.end_webhook(endpoint, by=request.user, now=timezone.now())
    return redirect("integrations")


def _valid_data(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise Refused(str(next(iter(form.errors.values()))[0]))
    return form.cleaned_data


def _integrations_page(request: StaffRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    own = request.user.agency
    news = Delivery.objects.filter(agency=own)
    context = {
        "tokens": ApiToken.objects.of(own),
        "hook": WebhookEndpoint.objects.filter(agency=own, ended_at=None).first(),
        "last_delivery": news.exclude(done_at=None).order_by("-done_at").first(),
        "failing": news.waiting().exclude(trouble="").order_by("at").first(),
        "lost": news.exclude(given_up_at=None).count(), "waits": news.waiting().count(),
        "adding": TokenForm(), "naming": HookForm(), "room": "integrations", **forms,
    }  # fmt: skip
    return render(request, "integrations/integrations.html", context, status=status)
