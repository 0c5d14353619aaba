"""How views answer: pages, fragments, and refusals in one sentence."""

import functools
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import get_resolver, is_valid_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .asgi_body import TooLarge, TooMuchAtOnce
from .refusal import Refused, Unreachable

AWAY = gettext_lazy("Offline. Keep writing: it is kept here and sent later.")

LONGEST_NUMBER = 18  # digits: as many as any key of the database may have

type View = Callable[..., HttpResponseBase]


class MethodNotAllowedMiddleware:
    """Middleware: give Django's empty 405 answer the text of the URL table's `handler405`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        response_405: HttpResponse = get_resolver(request.urlconf).resolve_error_handler(405)(request)
        response_405.headers["Allow"] = response.headers["Allow"]
        return response_405


class CompressedPageMiddleware(GZipMiddleware):
    """Middleware: compress the pages that a browser reads; never a stream, a file or the answer to a POST.

    The length of a compressed page may reveal what stands beside text that a stranger chose (BREACH). A stranger's site
    cannot ask for a page in a colleague's name: our cookies are SameSite=Strict. Django pads the answer besides.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        return super().process_response(request, response) if request.method == "GET" and is_page else response


def base_context(request: HttpRequest) -> Mapping[str, Any]:
    """Context processor: what base.html needs on every page."""
    return {"demo": settings.ENVIRONMENT.demo, "languages": settings.LANGUAGES}


def is_script(request: HttpRequest) -> bool:
    """True if a script of ours sent the request, and not a browser that opens a page (Fetch Metadata, W3C)."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def parse_number(text: str) -> int | None:
    """Parse a number from a request; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def _urlconf(request: HttpRequest) -> Any:
    return getattr(request, "urlconf", None)


def sentence_response(request: HttpRequest, text: object, status: int) -> HttpResponse:
    """Answer with one sentence: a page for a person, plain text for a script of ours."""
    if is_script(request):
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    user = getattr(request, "user", None)
    # A 5xx may mean that the database is away, and the menu needs it; another host name has no pages to lead to.
    is_well = status < HTTPStatus.INTERNAL_SERVER_ERROR
    has_menu = is_well and user is not None and user.is_authenticated and is_valid_path("/home", _urlconf(request))
    context = {"sentence": text, "frame": "core/desk.html" if has_menu else "core/base.html"}
    return render(request, "core/sentence.html", context, status=status)


def answer_refusals(view: View) -> View:
    """Decorate a view: if it raises `Refused` or `Unreachable`, or the database is away, answer with a sentence.

    The status is 409 for a refusal, else 503. Nothing is half done, because actions are transactions.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return sentence_response(request, str(refusal), 409)
        except Unreachable as outage:
            return sentence_response(request, str(outage), 503)
        except (OperationalError, InterfaceError):
            return sentence_response(request, AWAY, 503)

    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the body is no form. 413: it is too large. 503: too many bodies are arriving at once."""
    if isinstance(exception, TooLarge):
        return sentence_response(
            request, _("That is too large to send: a file has at most 5 MB. Go back, and make it smaller."), 413
        )
    if isinstance(exception, TooMuchAtOnce):
        return sentence_response(request, _("Too much is being sent at once. Wait a minute, and send it again."), 503)
    return sentence_response(request, _("The page sent something unreadable. Load it again."), 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer for a row that does not exist and for one that the person may not see."""
    return sentence_response(request, _("It does not exist, or you have no access."), 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405: the page does not accept this method."""
    return sentence_response(request, _("This page cannot be asked in that way. Load it again."), 405)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form has no valid token; the page was open too long, or the request came from elsewhere."""
    return sentence_response(
        request, _("This page is too old to send from. Load it again; what you wrote is kept."), 403
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: an unforeseen error, without a traceback. An unreachable database is foreseen: 503."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return sentence_response(request, AWAY, 503)
    return sentence_response(
        request, _("Something went wrong. Nothing you wrote is lost. Try again, or tell your supervisor."), 500
    )
