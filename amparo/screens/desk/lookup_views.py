"""Open a record by its code: C-2031 is a contact, L- a case, D- a police report, R- a referral."""

import re

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from amparo.care.cases.models import Case
from amparo.care.police_reports.models import Report
from amparo.care.referrals.models import Referral
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script
from amparo.line.contacts.models import Contact

from .answering import operators

CODE = re.compile(r"\s*([CLDR])[ -]?(\d{1,9})\s*", re.IGNORECASE)


@operators
@require_GET
def find(request: StaffRequest, code: str) -> HttpResponse:
    """Redirect to the record, or give a script its address. A missing and a forbidden record both answer 404."""
    match = CODE.fullmatch(code)
    if match is None:
        raise Http404
    page, records = _records(match[1].upper(), request.user)
    pk = records.filter(number=int(match[2])).values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    address = reverse(page, args=[pk])
    return HttpResponse(address, content_type="text/plain") if is_script(request) else redirect(address)


def _records(
    letter: str, user: User
) -> "tuple[str, QuerySet[Contact] | QuerySet[Case] | QuerySet[Report] | QuerySet[Referral]]":
    """Return the name of the page for this letter, and the records that the user may see."""
    match letter:
        case "C":
            return "contact", Contact.objects.visible_to(user)
        case "L":
            return "case", Case.objects.visible_to(user)
        case "D":
            return "report", Report.objects.visible_to(user)
        case _:
            return "referral", Referral.objects.visible_to(user)
