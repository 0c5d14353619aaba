"""In the demonstration, a button makes an invented person call."""

from django.conf import settings
from django.http import Http404, HttpResponse

from amparo.foundation.access.pages import StaffRequest
from amparo.line.roster.models import Seat

from .answering import done, verb


@verb
def call(request: StaffRequest) -> HttpResponse:
    if not settings.ENVIRONMENT.demo:
        raise Http404
    # imported here, so that a real hotline never loads the invented callers
    from amparo.demo.commands import choose_conversation, place_call

    seat = Seat.objects.filter(user=request.user).first()
    place_call(choose_conversation(seat.languages if seat else ()))
    return done(request)
