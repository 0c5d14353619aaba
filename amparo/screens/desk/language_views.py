"""The languages in which operators answer: their own, and for a supervisor everybody's."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import set_languages

from .answering import for_operators


@for_operators
@require_GET
def languages(request: StaffRequest) -> HttpResponse:
    return _page(request)


@for_operators
@require_POST
def change_languages(request: StaffRequest, number: int) -> HttpResponse:
    """Set the languages of one seat: the parameter `language`, once for each."""
    seat = get_object_or_404(_editable_seats(request.user), pk=number)
    try:
        set_languages(seat, request.POST.getlist("language"), by=request.user)
    except Refused as reason:
        return _page(request, str(reason), status=422)
    return redirect("languages")


def _editable_seats(user: User) -> QuerySet[Seat]:
    """Seats whose languages this user may set."""
    seats = Seat.objects.filter(user__is_active=True).select_related("user").order_by("user__first_name", "pk")
    return seats if permissions.supervise(user) else seats.filter(pk=user.pk)


def _page(request: StaffRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "seats": _editable_seats(request.user),
        "spoken": settings.LANGUAGES,
        "refusal": refusal,
        "room": "console",
    }
    return render(request, "desk/languages.html", context, status=status)
