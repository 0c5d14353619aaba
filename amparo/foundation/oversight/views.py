"""The alerts of an agency, for its supervisors, auditors and administrators."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import AnswerForm
from .models import Alert

LATELY = 50  # answered alerts on the page


@staff(permissions.watch)
@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    return render(request, "oversight/alerts.html", _context(request) | {"room": "alerts"})


@staff(permissions.watch)
@require_GET
def alerts_part(request: StaffRequest, name: str) -> HttpResponse:
    """Return one part of the page of alerts. `name`: "bar", the number that every page shows in its bar; or "list"."""
    return render(request, f"oversight/_{name}.html", _context(request))


@staff(permissions.watch)
@require_POST
def answer_alert(request: StaffRequest, number: int) -> HttpResponse:
    alert = get_object_or_404(Alert.objects.visible_to(request.user), pk=number)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say how it was answered: choose one of the list."))
    rules.answer_alert(alert, form.cleaned_data["answer"], by=request.user, now=timezone.now())
    return redirect("alerts")


def _context(request: StaffRequest) -> dict[str, Any]:
    visible = Alert.objects.visible_to(request.user).select_related("about__agency", "answered_by")
    return {
        "waiting": visible.waiting(),
        "answered": visible.filter(answered_at__isnull=False).order_by("-answered_at", "-pk")[:LATELY],
        "answers": Alert.Answer.choices,
        "audits": permissions.audit(request.user),
        "number": visible.waiting().count(),
    }
