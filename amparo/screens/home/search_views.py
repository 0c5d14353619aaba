"""The search box of every page, as a page of its own and as a fragment for `palette.js`."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.pages import is_script

from . import search


@staff(permissions.is_staff)
@require_http_methods(["GET", "POST"])
def search_page(request: StaffRequest) -> HttpResponse:
    """Search by the posted words: no address says who is looked for."""
    typed = request.POST.get("q", "")
    kinds = search.search(typed, by=request.user) if typed.strip() else []
    page = "home/_found.html" if is_script(request) else "home/search.html"
    return render(request, page, {"kinds": kinds, "typed": typed, "room": "search"})


@staff(permissions.is_staff)
@require_GET
def go_to_code(request: StaffRequest, code: str) -> HttpResponse:
    """Redirect to the record with this code, or give a script its address. A missing and a forbidden record both
    answer 404.
    """
    match = search.CODE.fullmatch(code)
    address = search.address_of_record(match[1].upper(), int(match[2]), request.user) if match and match[1] else None
    if address is None:
        raise Http404
    return HttpResponse(address, content_type="text/plain") if is_script(request) else redirect(address)
