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

from . import environment_settings, institutions, keeping, past_states, rules, version


@staff(permissions.keep_installation)
@require_GET
def installation(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    found = past_states.with_past(rules.parts(now), now)
    context = {"found": found, "weaknesses": weaknesses(settings.ENVIRONMENT), "now": now}
    return _page(request, "installation", context)


@staff(permissions.keep_installation)
@require_GET
def retention(request: StaffRequest) -> HttpResponse:
    return _page(request, "retention", {"kept": keeping.retention_states(timezone.now()), "soon": keeping.SOON.days})


@staff(permissions.keep_installation)
@require_GET
def set_by_environment(request: StaffRequest) -> HttpResponse:
    return _page(request, "settings", {"settings_shown": environment_settings.all_settings()})


@staff(permissions.keep_installation)
@require_GET
def all_institutions(request: StaffRequest) -> HttpResponse:
    return _room(request, "institutions", {"institutions": institutions.institutions()})


@staff(permissions.keep_installation)
@require_GET
def running(request: StaffRequest) -> HttpResponse:
    release, notes = version.newest_release()
    context = {
        "version": version.running_version(), "python": version.python_version(), "release": release, "notes": notes,
        "later": version.later_notes(), "dependencies": version.dependencies(),
    }  # fmt: skip
    return _room(request, "version", context)


def _page(request: StaffRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"administration/{name}.html", {**context, "page": name, "room": "installation"})


def _room(request: StaffRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"administration/{name}.html", {**context, "room": f"administration-{name}"})
