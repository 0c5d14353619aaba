"""For supervisors: disclosures without consent that wait for review."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.care.consent.models import DisclosureBasis
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.pagination import paginate

from .forms import CaseListForm
from .models import Case


@staff(permissions.supervise)
@require_GET
def bases(request: StaffRequest) -> HttpResponse:
    """List the bases to review, oldest first. The facts are on the page of the case, which asks for a purpose."""
    form, now = CaseListForm(request.GET), timezone.now()
    number = form.cleaned_data.get("page") if form.is_valid() else None
    page = paginate(
        DisclosureBasis.objects.to_review().select_related("person", "decided_by").defer("facts"), number or 1
    )
    found = Case.objects.visible_to(request.user).filter(key__in=[basis.key_id for basis in page])
    cases = {case.key_id: case for case in found}
    rows = [(basis, cases[basis.key_id], basis.review_by < now) for basis in page if basis.key_id in cases]
    context = {
        "page": page, "rows": rows, "is_reviewed": "reviewed" in request.GET,
        "next": next((basis for basis, _case, _late in rows if basis.decided_by != request.user), None),
        "room": "bases",
    }  # fmt: skip
    return render(request, "cases/bases.html", context)
