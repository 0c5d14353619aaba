"""The page where a person's work begins; every link back leads here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff


@staff(permissions.is_staff)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    return render(request, "home/home.html", {"room": "home"})
