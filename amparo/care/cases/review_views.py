"""For supervisors: what was told without consent, and waits for their review (standards.md H8)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.care.consent.models import DisclosureBasis
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.pagination import paginate

from .forms import ListForm
from .models import Case


@staff(permissions.supervise)
@require_GET
def bases(request: StaffRequest) -> HttpResponse:
    """The oldest first. The facts stand on the page of the case, which asks why one opens it."""
    form, now = ListForm(request.GET), timezone.now()
    number = form.cleaned_data.get("page") if form.is_valid() else None
    page = paginate(
        DisclosureBasis.objects.to_review().select_related("person", "decided_by").defer("facts"), number or 1
    )
    cases = {it.key_id: it for it in Case.objects.visible_to(request.user).filter(key__in=[it.key_id for it in page])}
    rows = [(it, cases[it.key_id], it.review_by < now) for it in page if it.key_id in cases]
    return render(request, "cases/bases.html", {"page": page, "rows": rows, "room": "cases"})
