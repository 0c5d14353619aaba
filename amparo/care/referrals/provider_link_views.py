"""A page for supervisors: whose programs answer for which institution of the directory."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import program_shares
from .forms import LinkProviderForm
from .models import ProviderLink


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def provider_links(request: StaffRequest) -> HttpResponse:
    """List the active links. POST adds one; it applies to referrals sent from then on."""
    form = LinkProviderForm(request.POST if request.method == "POST" else None)
    refusal = first_error(form) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        try:
            program_shares.link_provider(**form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("joined")
        except Refused as reason:
            refusal = str(reason)
    rows = ProviderLink.objects.active().select_related("by").order_by("organization__name", "pk")
    context = {"rows": rows, "form": form, "refusal": refusal, "room": "joined"}
    return render(request, "referrals/joined.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_POST
def unlink_provider(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    program_shares.unlink_provider(get_object_or_404(ProviderLink, pk=pk), by=request.user, now=timezone.now())
    return redirect("joined")
