"""What holds of every public answer, whatever a view does: no cookie in or out, nothing kept, and the database only as
somebody who says a secret that we gave them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.utils.csp import build_policy
from django.views.decorators.gzip import gzip_page

from amparo.foundation.core.actor import current_actor

from . import policy

SITE = "site"  # its connection; only a web process has one (settings.py)
ALWAYS = {
    "Content-Security-Policy": build_policy(policy.NOTHING),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class AsksTheDatabase(Exception):
    """A public page is the same for everybody and may wait for nothing; only who holds a code has rows to ask for."""


def answer(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The public side's whole way from request to answer.

    What was sent to us may stand in an answer beside a secret, and the length of both, compressed, would tell of it.
    """
    return _answer(request, view) if request.method == "POST" else gzip_page(_answer)(request, view)


def _answer(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    request.META.pop("HTTP_COOKIE", None)  # a colleague who looks is nobody here
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # without cookies there is none to abuse
    with signed_in_as_the_public_side(), without_database_but_as_bearer():
        response = view(request)
    response.cookies.clear()
    is_file = request.path_info.startswith(settings.STATIC_URL) and "Cache-Control" in response
    for name, value in {**ALWAYS, **({} if is_file else rules_of_page(request))}.items():
        response.headers[name] = value
    # On a host that is the console's too, style and script are asked for hundreds of times a day.
    if not is_file or settings.ENVIRONMENT.public_host is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


@contextmanager
def signed_in_as_the_public_side() -> Iterator[None]:
    """Within, every question goes over a connection of the role `site`, from which no statement becomes another."""
    if SITE not in connections.settings:  # who owns the tables: a test, or a command
        yield
        return
    web = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[SITE]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = web


@contextmanager
def without_database_but_as_bearer() -> Iterator[None]:
    """Every other query within raises `AsksTheDatabase`."""
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_only_as_bearer))
        yield


def rules_of_page(request: HttpRequest) -> dict[str, str]:
    page = request.resolver_match.url_name if request.resolver_match else None
    rules = {
        "Content-Security-Policy": build_policy(policy.contents(page)),
        "Permissions-Policy": policy.permissions(page),
    }
    if page == "cover":
        rules["Clear-Site-Data"] = _what_to_clear()
    return rules


def _what_to_clear() -> str:
    """Never cookies: that would sign the person out of every page of our domain's owner, and so leave a trace.

    On a shared host the storage is the console's: a colleague's notes that were not yet sent.
    """
    return '"cache"' if settings.ENVIRONMENT.public_host is None else '"cache", "storage"'


def _only_as_bearer(execute: Callable[..., Any], *statement: Any) -> Any:
    acting = current_actor()
    if acting is None or not acting.is_bearer:
        raise AsksTheDatabase("A public page asks the database only as who holds a secret of ours.")
    return execute(*statement)
