"""Decorators and answers that the views of the console share: for operators only, with and without scripts."""

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
from amparo.foundation.core.pages import View, is_script, sentence_response

MICROPHONE = "microphone=(self), camera=(), geolocation=()"
LONGEST_OFFER = 1 << 16  # bytes; a browser's SDP has a few kB


class UnusableRequest(Exception):
    """The request cannot be used. The message is a sentence for the person."""


def for_operators(view: View) -> View:
    """Decorate a view for users who take calls. Everybody else gets 404."""

    @staff(permissions.take_calls)
    @functools.wraps(view)
    def answer(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except UnusableRequest as reason:
            response = sentence_response(request, str(reason), 400)
        response.headers["Permissions-Policy"] = MICROPHONE
        return response

    return answer


def others_to_home(view: View) -> View:
    """Decorate a page of operators: a user who takes no calls is redirected to their own first page."""

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


def operator_action(view: View) -> View:
    """Decorate a view that performs one action of the operator: POST only."""
    return for_operators(require_POST(view))


def answer_done(request: HttpRequest) -> HttpResponse:
    """Answer with nothing to show: 204 to a script, as a live notification follows; else a redirect to the console."""
    return HttpResponse(status=204) if is_script(request) else redirect("console")


def sdp_offer_in(request: HttpRequest) -> str | None:
    """Return the browser's SDP offer, or None if the operator talks by desk phone.

    Raises `UnusableRequest` for JSON without an offer, or a body that is too long.
    """
    if request.content_type != "application/json":
        return None
    if len(request.body) > LONGEST_OFFER:
        raise UnusableRequest(_("That is more than a browser's offer."))
    try:
        offer = json.loads(request.body)["offer"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusableRequest(_("That is not a browser's offer.")) from error
    if not isinstance(offer, str):
        raise UnusableRequest(_("That is not a browser's offer."))
    return offer
