"""How the console's views answer: to operators only, and alike with script and without."""

import functools
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.pages import View, is_script, sentence

MICROPHONE = "microphone=(self), camera=(), geolocation=()"
LONGEST_OFFER = 1 << 16  # bytes; a browser's SDP is some kB


class Unusable(Exception):
    """What was sent cannot be used; the message is a sentence."""


def operators(view: View) -> View:
    """For who takes calls; for everybody else it is not here."""

    @staff(permissions.take_calls)
    @functools.wraps(view)
    def answer(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Unusable as why:
            response = sentence(request, str(why), 400)
        response.headers["Permissions-Policy"] = MICROPHONE
        return response

    return answer


def or_home(view: View) -> View:
    """For a page that is on everybody's lips: whoever takes no calls is led to their own first page."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if (
            isinstance(user, User)
            and not permissions.take_calls(user)
            and request.method == "GET"
            and not is_script(request)
        ):
            return redirect("home")
        return view(request, *args, **kwargs)

    return answer


def verb(view: View) -> View:
    """One thing an operator asks for, by button or key."""
    return operators(require_POST(view))


def done(request: HttpRequest) -> HttpResponse:
    """Nothing to show: the script hears of the change by a live note, a person without script goes back."""
    return HttpResponse(status=204) if is_script(request) else redirect("console")


def offer_in(request: HttpRequest) -> str | None:
    """The browser's SDP; None: the operator talks by the desk phone."""
    if request.content_type != "application/json":
        return None
    if len(request.body) > LONGEST_OFFER:
        raise Unusable(_("That is more than a browser's offer."))
    try:
        offer = json.loads(request.body)["offer"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unusable(_("That is not a browser's offer.")) from error
    if not isinstance(offer, str):
        raise Unusable(_("That is not a browser's offer."))
    return offer
