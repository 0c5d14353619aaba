"""From trial to real: what is missing, who answers for what, and the two presses that open the line."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of

from . import opening, readiness
from .models import Opening


@staff(permissions.open_line)
@require_GET
def ready(request: StaffRequest) -> HttpResponse:
    return _page(request)


@staff(permissions.open_line)
@require_POST
def state(request: StaffRequest, question: str) -> HttpResponse:
    """Answer for a question: `settled` is 1; anything else takes it back."""
    is_settled, now = request.POST.get("settled") == "1", timezone.now()
    return _act(request, lambda: opening.state(question, is_settled=is_settled, by=request.user, now=now))


@staff(permissions.open_line)
@require_POST
def press(request: StaffRequest, *, opens: bool) -> HttpResponse:
    """Open or close the line, as the first or the second person."""
    now = timezone.now()
    return _act(request, lambda: opening.press(opens=opens, by=request.user, now=now))


def _act(request: StaffRequest, act: Callable[[], object]) -> HttpResponse:
    if refusal := refusal_of(act):
        return _page(request, refusal)
    return redirect("ready")


def _page(request: StaffRequest, refusal: str = "") -> HttpResponse:
    now = timezone.now()
    found = readiness.needs(request.user, now)
    context = {
        "needs": found, "missing": [need for need in found if need.is_missing], "refusal": refusal,
        "checked": [need for need in found if need.question is None and not need.is_missing],
        "stated": [need for need in found if need.statement], "is_open": opening.is_open(),
        "latest": Opening.objects.latest_done(), "waiting": Opening.objects.waiting(now),
        "room": "administration-ready",
    }  # fmt: skip
    return render(request, "administration/ready.html", context, status=422 if refusal else 200)
