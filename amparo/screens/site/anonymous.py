"""What holds for every public answer, whatever the view does: no cookie in or out, no caching, and no query except for
a visitor who shows a secret that we gave them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.csp import build_policy

from amparo.foundation.core.actor import current_actor

from . import policy

SITE = "site"  # a database connection that only web processes have (settings.py)
ALWAYS = {
    "Content-Security-Policy": build_policy(policy.NOTHING),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class QueryRefused(Exception):
    """A public page tried a database query. Pages are the same for everybody; only a visitor with a code may query."""


def answer_publicly(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Run a view of the public side: without cookies, as the role `site`, and with the headers of its page.

    Answers to POST are not compressed: they may hold the request's own text beside a secret, and their compressed
    length would reveal it (BREACH). Files are compressed already, and an answer of 304 has no content.
    """
    response = _run_view(request, view)
    if request.method == "POST" or response.streaming:
        return response
    return GZipMiddleware(lambda _request: response).process_response(request, response)  # type: ignore[return-value]


def _run_view(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    request.META.pop("HTTP_COOKIE", None)  # a colleague who is signed in is nobody here
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # without cookies there is nothing to forge
    if request.method == "GET":  # compressed
        request.styles_within = set()  # type: ignore[attr-defined]  # filled by the template (templatetags/styles.py)
    with as_site_role(), queries_only_as_bearer():
        response = view(request)
    response.cookies.clear()
    is_file = request.path_info.startswith(settings.STATIC_URL) and "Cache-Control" in response
    for name, value in {**ALWAYS, **({} if is_file else headers_of_page(request))}.items():
        response.headers[name] = value
    # On a host that staff use too, styles and scripts are requested hundreds of times a day.
    if not is_file or settings.ENVIRONMENT.public_host is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


@contextmanager
def as_site_role() -> Iterator[None]:
    """Within the block, all queries use the connection of the role `site`, which cannot switch to another role."""
    if SITE not in connections.settings:  # the owner of the tables: a test or a command
        yield
        return
    web = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[SITE]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = web


@contextmanager
def queries_only_as_bearer() -> Iterator[None]:
    """Within the block, every query raises `QueryRefused`, except for a bearer of a secret."""
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_refuse_unless_bearer))
        yield


def headers_of_page(request: HttpRequest) -> dict[str, str]:
    page = request.resolver_match.url_name if request.resolver_match else None
    rules = {
        "Content-Security-Policy": build_policy(
            policy.content_security_policy(page, getattr(request, "styles_within", set()))
        ),
        "Permissions-Policy": policy.permissions_policy(page, is_open_chat=page == "chat" and request.method == "POST"),
    }
    if page == "cover":
        rules["Clear-Site-Data"] = _what_to_clear()
    return rules


def _what_to_clear() -> str:
    """The value of Clear-Site-Data.

    Never cookies: that would sign the person out of every page of our domain's owner, and so leave a trace. On a
    shared host not the storage either: it holds a colleague's notes that were not sent yet.
    """
    return '"cache"' if settings.ENVIRONMENT.public_host is None else '"cache", "storage"'


def _refuse_unless_bearer(execute: Callable[..., Any], *statement: Any) -> Any:
    acting = current_actor()
    if acting is None or not acting.is_bearer:
        raise QueryRefused("A public page may query only for a visitor who holds a secret of ours.")
    return execute(*statement)
