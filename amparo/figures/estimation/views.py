"""Estimates of hidden people, for the hotline's publishers."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused

from . import rules
from .forms import ListsForm
from .models import Estimate
from .reading import ReadableEstimate

SHOWN = 40


@staff(permissions.publish)
@require_http_methods(["GET", "POST"])
def estimates(request: StaffRequest) -> HttpResponse:
    form, refusal = ListsForm(), ""
    if request.method == "POST":
        form = ListsForm(request.POST, request.FILES)
        try:
            return redirect("estimate", _ask_for_estimate(form, request).pk)
        except Refused as reason:
            refusal = str(reason)
    found = Estimate.objects.defer("lists", "drawn").select_related("made_by").order_by("-pk")[:SHOWN]
    context = {
        "estimates": found, "form": form, "refusal": refusal, "is_installed": rules.is_installed(), "room": "estimates"
    }  # fmt: skip
    return render(request, "estimation/estimates.html", context, status=422 if refusal else 200)


@staff(permissions.publish)
@require_GET
def estimate(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one estimate with its uncertainty, or say that it is not ready."""
    found = get_object_or_404(Estimate.objects.select_related("made_by"), pk=pk)
    reading = ReadableEstimate(found.drawn) if found.drawn else None
    return render(request, "estimation/estimate.html", {"estimate": found, "reading": reading, "room": "estimates"})


@staff(permissions.publish)
@require_POST
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    rules.discard_estimate(get_object_or_404(Estimate, pk=pk), by=request.user, now=timezone.now())
    return redirect("estimates")


def _ask_for_estimate(form: ListsForm, request: StaffRequest) -> Estimate:
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    try:
        text = form.csv_text()
    except ValidationError as error:
        raise Refused(error.message) from error
    given = form.cleaned_data
    title = given["title"].strip() or _("Lists")
    return rules.ask_for_estimate(title, text, given["resamples"], given["seed"], by=request.user, now=timezone.now())
