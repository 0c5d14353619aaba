"""Refusals of the API: one sentence as JSON, and nothing of the request."""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from amparo.foundation.core.pages import AWAY
from amparo.foundation.core.refusal import RateLimited, Refused, Unreachable

KEY = "Idempotency-Key"


def refusal(text: object, status: int, **headers: str) -> HttpResponse:
    response = JsonResponse({"sentence": str(text)}, status=status, headers=headers)
    add_never_cache_headers(response)
    return response


def add_handlers(api: NinjaAPI) -> None:
    """Register a handler for each expected error. Django logs the others, and `broken` answers them."""
    api.add_exception_handler(Refused, lambda request, error: refusal(error, 422))
    api.add_exception_handler(RateLimited, lambda request, error: refusal(error, 429, **{"Retry-After": "60"}))
    api.add_exception_handler(Unreachable, lambda request, error: refusal(error, 503))
    api.add_exception_handler(OperationalError, lambda request, error: refusal(AWAY, 503))
    api.add_exception_handler(InterfaceError, lambda request, error: refusal(AWAY, 503))
    api.add_exception_handler(Http404, lambda request, error: not_here(request))
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(ValidationError, _does_not_fit)
    api.add_exception_handler(HttpError, lambda request, error: unreadable(request))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(_("What you sent cannot be read. Send JSON, in UTF-8."), 400)


def not_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 alike for a record that does not exist and for one of another institution."""
    return refusal(_("It does not exist, or you have no access."), 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return refusal(_("This cannot be asked in that way: see /api/v1/openapi.json."), 405)


def broken(request: HttpRequest) -> HttpResponse:
    return refusal(_("Something went wrong. Ask again with the same Idempotency-Key: nothing is done twice."), 500)


def _unknown(request: HttpRequest, exception: Any) -> HttpResponse:
    text = _("Show a token that is good: Authorization: Bearer amparo_... An administrator of yours makes it.")
    return refusal(text, 401, **{"WWW-Authenticate": "Bearer"})


def _does_not_fit(request: HttpRequest, exception: Any) -> HttpResponse:
    if any(KEY in error["loc"] for error in exception.errors):
        return refusal(_("Send an Idempotency-Key with it: a new UUID for each thing that you do."), 422)
    return refusal(_("Something is missing, or is of another kind: see /api/v1/openapi.json."), 422)
