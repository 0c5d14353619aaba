"""What holds of every public answer, whatever a view does: no cookie in or out, no database, nothing kept."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.csp import build_policy
from django.views.decorators.gzip import gzip_page

from . import policy


class AsksTheDatabase(Exception):
    """A public page is the same for everybody and may wait for nothing, so it never asks."""


@gzip_page  # no page of ours holds both a secret and a word of the visitor: nothing to learn from its length
def answer(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The public side's whole way from request to answer."""
    request.META.pop("HTTP_COOKIE", None)  # a colleague who looks is nobody here
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # without cookies there is none to abuse
    with without_database():
        response = view(request)
    response.cookies.clear()
    for name, value in headers(request).items():
        response.headers[name] = value
    if not _is_shared(request, response):
        response.headers["Cache-Control"] = "no-store"
    return response


@contextmanager
def without_database() -> Iterator[None]:
    """Every query within raises `AsksTheDatabase`."""
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_refuse))
        yield


def headers(request: HttpRequest) -> dict[str, str]:
    page = request.resolver_match.url_name if request.resolver_match else None
    found = {
        "Content-Security-Policy": build_policy(policy.contents(page)),
        "Permissions-Policy": policy.permissions(page),
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if page == "cover":
        found["Clear-Site-Data"] = _what_to_clear()
    return found


def _is_shared(request: HttpRequest, response: HttpResponse) -> bool:
    """Style and script on a host that is the console's too, where they are asked for hundreds of times a day."""
    is_file = request.path_info.startswith(settings.STATIC_URL) and "Cache-Control" in response
    return is_file and settings.ENVIRONMENT.public_host is None


def _what_to_clear() -> str:
    """Never cookies: that would sign the person out of every page of our domain's owner, and so leave a trace.

    On a shared host the storage is the console's: a colleague's notes that were not yet sent.
    """
    return '"cache"' if settings.ENVIRONMENT.public_host is None else '"cache", "storage"'


def _refuse(*statement: Any) -> NoReturn:
    raise AsksTheDatabase("A public page may not ask the database.")
