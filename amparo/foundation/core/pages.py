"""How views answer: pages, fragments, and refusals in one sentence."""

import functools
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import get_resolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .asgi_body import TooLarge, TooMuchAtOnce
from .refusal import Refused, Unreachable

AWAY = gettext_lazy("Offline. Keep writing: it is kept here and sent later.")

LONGEST_NUMBER = 18  # digits: as many as any key of the database may have

type View = Callable[..., HttpResponseBase]


class MethodNotAllowedMiddleware:
    """Middleware: Django refuses a method without a word, so the table's `handler405` says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        said: HttpResponse = get_resolver(request.urlconf).resolve_error_handler(405)(request)
        said.headers["Allow"] = response.headers["Allow"]
        return said


def shared(request: HttpRequest) -> Mapping[str, Any]:
    """What base.html needs on every page."""
    return {"demo": settings.ENVIRONMENT.demo, "languages": settings.LANGUAGES}


def is_script(request: HttpRequest) -> bool:
    """Whether a script of ours asks, and needs no page back; a person's browser navigates (Fetch Metadata, W3C)."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def number(text: str) -> int | None:
    """What a request says where it should say a number; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def sentence(request: HttpRequest, text: object, status: int) -> HttpResponse:
    """One clear sentence: a page for a person, plain text for a script of ours."""
    if is_script(request):
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    return render(request, "core/sentence.html", {"sentence": text}, status=status)


def in_words(view: View) -> View:
    """Turn a refusal into a sentence with the right status; nothing is half done, for verbs are transactions."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return sentence(request, str(refusal), 409)
        except Unreachable as outage:
            return sentence(request, str(outage), 503)
        except (OperationalError, InterfaceError):
            return sentence(request, AWAY, 503)

    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A body that is too large or is no form at all."""
    if isinstance(exception, TooLarge):
        return sentence(
            request, _("That is too large to send: a file has at most 5 MB. Go back, and make it smaller."), 413
        )
    if isinstance(exception, TooMuchAtOnce):
        return sentence(request, _("Too much is being sent at once. Wait a minute, and send it again."), 503)
    return sentence(request, _("The page sent something unreadable. Load it again."), 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what is not there and for what is not yours."""
    return sentence(request, _("It does not exist, or you have no access."), 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """A method that the page does not know."""
    return sentence(request, _("This page cannot be asked in that way. Load it again."), 405)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: the page was open too long, or the request came from elsewhere."""
    return sentence(request, _("This page is too old to send from. Load it again; what you wrote is kept."), 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something unforeseen: no traceback reaches a person. The database being away is foreseen."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return sentence(request, AWAY, 503)
    return sentence(
        request, _("Something went wrong. Nothing you wrote is lost. Try again, or tell your supervisor."), 500
    )
