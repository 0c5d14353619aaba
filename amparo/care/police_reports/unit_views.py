"""A page for supervisors: the places and the telephone of each unit of the police and the prosecution."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error

from . import areas
from .forms import AreaForm, UnitTelephoneForm
from .models import Area


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def units(request: StaffRequest) -> HttpResponse:
    """List each unit with its places and its telephone. POST adds a place."""
    form = AreaForm(request.POST if request.method == "POST" else None)
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        unit, ubigeo = form.cleaned_data["unit"], form.cleaned_data["ubigeo"]
        areas.add_area(unit, ubigeo, by=request.user, now=timezone.now())
        return redirect("units")
    return _show(request, form, refusal)


@staff(permissions.supervise)
@require_POST
def set_telephone(request: StaffRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(areas.units(), pk=pk)
    form = UnitTelephoneForm(request.POST, auto_id=_auto_id(unit))
    if refusal := first_error(form):
        return _show(request, AreaForm(), refusal, {unit.pk: form})
    areas.set_telephone(unit, form.cleaned_data["number"].strip(), by=request.user, now=timezone.now())
    return redirect(f"{reverse('units')}#unit-{pk}")


@staff(permissions.supervise)
@require_POST
def remove_area(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    areas.remove_area(get_object_or_404(Area, pk=pk), by=request.user)
    return redirect("units")


def _show(
    request: StaffRequest, form: AreaForm, refusal: str, refused: Mapping[int, UnitTelephoneForm] = MappingProxyType({})
) -> HttpResponse:
    """Show the page. `refused`: the refused telephone form of a unit, by the unit's id."""
    rows = [(unit, refused.get(unit.pk) or _telephone_form(unit)) for unit in areas.units()]
    context = {"rows": rows, "form": form, "refusal": refusal, "room": "units"}
    return render(request, "police_reports/units.html", context, status=422 if refusal else 200)


def _telephone_form(unit: Agency) -> UnitTelephoneForm:
    number = unit.telephone.number if hasattr(unit, "telephone") else ""
    return UnitTelephoneForm(initial={"number": number}, auto_id=_auto_id(unit))


def _auto_id(unit: Agency) -> str:
    return f"of-{unit.pk}-%s"
