"""In the demonstration, an invented person calls at the press of a button."""

from django.conf import settings
from django.http import Http404, HttpResponse

from amparo.foundation.access.pages import StaffRequest

from .answering import done, verb


@verb
def call(request: StaffRequest) -> HttpResponse:
    if not settings.ENVIRONMENT.demo:
        raise Http404
    from amparo.demo.commands import place_call  # a real hotline never loads the invented callers

    place_call()
    return done(request)
