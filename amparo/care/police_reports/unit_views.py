"""A page for supervisors: which places each unit of the police and the prosecution covers."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error

from . import areas
from .forms import AreaForm
from .models import Area


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def units(request: StaffRequest) -> HttpResponse:
    """List each unit with its places, and add a place."""
    form = AreaForm(request.POST if request.method == "POST" else None)
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        unit, ubigeo = form.cleaned_data["unit"], form.cleaned_data["ubigeo"]
        areas.add_area(unit, ubigeo, by=request.user, now=timezone.now())
        return redirect("units")
    context = {"rows": areas.units(), "form": form, "refusal": refusal, "room": "units"}
    return render(request, "police_reports/units.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_POST
def leave(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    areas.remove_area(get_object_or_404(Area, pk=pk), by=request.user)
    return redirect("units")
