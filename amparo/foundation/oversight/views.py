"""The alerts of an agency, for its supervisors, auditors and administrators; and the ledger, for auditors."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit import labels
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import SHOWN, entries_before, openings_of
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import AnswerForm, LedgerForm
from .models import Alert

LATELY = 50  # answered alerts on the page


@staff(permissions.watch)
@require_GET
def alerts(request: StaffRequest) -> HttpResponse:
    return render(request, "oversight/alerts.html", _context(request) | {"room": "alerts"})


@staff(permissions.watch)
@require_GET
def part(request: StaffRequest, name: str) -> HttpResponse:
    """One part of the page: the number of waiting alerts, for the bar of every page, or the list."""
    return render(request, f"oversight/_{name}.html", _context(request))


@staff(permissions.watch)
@require_POST
def answer(request: StaffRequest, number: int) -> HttpResponse:
    alert = get_object_or_404(Alert.objects.visible_to(request.user), pk=number)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say how it was answered: choose one of the list."))
    rules.answer_alert(alert, form.cleaned_data["answer"], by=request.user, now=timezone.now())
    return redirect("alerts")


@staff(permissions.audit)
@require_GET
def ledger(request: StaffRequest) -> HttpResponse:
    """All entries, newest first, a page at a time; or the files that one person opened."""
    form = LedgerForm(request.GET)
    data = form.cleaned_data if form.is_valid() else {}
    before, of = data.get("before") or 2**62, data.get("opened_by")
    entries = openings_of(of, before) if of else entries_before(before)
    older = entries[-1].pk if len(entries) == SHOWN else None
    context = {"lines": _lines(entries), "older": older, "person": of and User.objects.filter(pk=of).first()}
    return render(request, "oversight/ledger.html", context | {"room": "ledger"})


def _lines(entries: list[Entry]) -> list[dict[str, Any]]:
    """Add the names of our people, which the ledger itself does not contain."""
    people = User.objects.in_bulk({entry.user_id for entry in entries})
    return [
        {
            "entry": entry, "who": people.get(entry.user_id), "role": labels.role_label(entry.role),
            "did": labels.verb_label(entry.what, entry.noun), "why": labels.purpose_label(entry.purpose),
        }
        for entry in entries
    ]  # fmt: skip


def _context(request: StaffRequest) -> dict[str, Any]:
    visible = Alert.objects.visible_to(request.user).select_related("about__agency", "answered_by")
    return {
        "waiting": visible.waiting(),
        "answered": visible.filter(answered_at__isnull=False).order_by("-answered_at", "-pk")[:LATELY],
        "answers": Alert.Answer.choices,
        "audits": permissions.audit(request.user),
        "number": visible.waiting().count(),
    }
