"""Public pages of the services that may be named, by department. They read files, never the database."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.care.directory.rules import PublicService, named_publicly
from amparo.foundation.places import places

from .rendering import render_page

IN_LIST = 15  # services on one page, which stays small
DEPARTMENT = 2  # digits


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """Show the departments that have a service, and the services of the whole country."""
    found = named_publicly(timezone.now())
    there = {code for each in found for code in each.departments if code}
    departments = sorted((places.place_label(code), int(code)) for code in there)
    return _services_page(request, [each for each in found if "" in each.departments], departments=departments)


@require_GET
def services_of(request: HttpRequest, department: int) -> HttpResponse:
    """Show the services of one department. For a department without any, the page says so."""
    code = f"{department:0{DEPARTMENT}}"
    if len(code) > DEPARTMENT or not (name := places.place_label(code)):
        raise Http404
    found = [each for each in named_publicly(timezone.now()) if code in each.departments]
    return _services_page(request, found, department=name)


def _services_page(request: HttpRequest, found: list[PublicService], **more: Any) -> HttpResponse:
    part = Paginator(found, IN_LIST).get_page(request.GET.get("page"))
    return render_page(request, "site/services.html", services=part, part=part, **more)
