"""How safely this hotline is installed: for its administrators, who alone can repair it."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from amparo.foundation.core.production import weaknesses

from . import permissions
from .pages import StaffRequest, staff


@staff(permissions.keep_installation)
@require_GET
def installation(request: StaffRequest) -> HttpResponse:
    found = weaknesses(settings.ENVIRONMENT)
    return render(request, "access/installation.html", {"room": "installation", "weaknesses": found})
