"""How the hotline's machine is, how long things are kept, how it is set: for its administrators."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.production import weaknesses
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard.rules import status

from . import environment_settings, keeping, rules


@staff(permissions.keep_installation)
@require_GET
def installation(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    context = {"parts": rules.parts(now), "weaknesses": weaknesses(settings.ENVIRONMENT), "now": now}
    return _page(request, "installation", context)


@staff(permissions.keep_installation)
@require_GET
def retention(request: StaffRequest) -> HttpResponse:
    return _page(request, "retention", {"kept": keeping.retention_states(timezone.now()), "soon": keeping.SOON.days})


@staff(permissions.keep_installation)
@require_GET
def set_by_environment(request: StaffRequest) -> HttpResponse:
    context = {"settings_shown": environment_settings.all_settings(), "opening": _opening()}
    return _page(request, "settings", context)


def _opening() -> list[dict[str, object]] | None:
    """Return the first words that a caller hears, as the switchboard plays them. None: the switchboard is away."""
    try:
        return status().opening
    except (Refused, Unreachable):
        return None


def _page(request: StaffRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"administration/{name}.html", {**context, "page": name, "room": "installation"})
