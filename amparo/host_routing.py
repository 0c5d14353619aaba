"""Decide for which side a request is: by host name or, where both sides share one, by path."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import Resolver404, resolve
from whitenoise.middleware import WhiteNoiseMiddleware

from amparo.screens import manual
from amparo.screens.site import anonymous
from amparo.urls import Api, Machine, Public, Staff

API = "/api/"
PART = 1 << 20  # bytes of a file that are read at once; of ours none has so many
FILES_OF_THE_PUBLIC = (
    "site/", "switchboard/leg.js", "publishing/figures.css",
    "core/base.css", "core/tokens.css", "core/icon.svg", "core/icons.svg",
)  # fmt: skip

type Table = type[Public | Staff | Api | Machine]


class HostRoutingMiddleware:
    """The first middleware: the public side runs none of those that know a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        table = table_of(request)
        request.urlconf = table  # type: ignore[assignment]  # Django takes whatever has `urlpatterns`
        if table is Public:
            return anonymous.answer(request, self.get_response)
        if table is Api:
            request.META.pop("HTTP_COOKIE", None)  # only a token identifies the client
        return self.get_response(request)


class Files(WhiteNoiseMiddleware):  # type: ignore[misc]  # it says no types
    """Styles, scripts, pictures and the manual, each on the side of its pages only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        manual.add_files(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        serve = super().__call__ if _may_have(request.urlconf, request.path_info) else self.get_response
        answer: HttpResponse = serve(request)
        if isinstance(answer, FileResponse):
            answer.headers.pop(
                "Last-Modified", None
            )  # a browser asks again by the ETag; on a page with many files it weighs
            answer.block_size = PART  # few parts: a visitor who reads slowly keeps no thread (asgi.py)
        return answer


def table_of(request: HttpRequest) -> Table:
    here = settings.ENVIRONMENT
    if here.public_host is None:
        if request.path_info.startswith(API):
            return Api
        return Staff if _is_in(Staff, request.path_info) else Public
    name, _ = split_domain_port(request.get_host())
    sides: dict[str | None, Table] = {here.public_host: Public, here.staff_host: Staff}
    table = sides.get(name.rstrip("."), Machine)
    return Api if table is Staff and request.path_info.startswith(API) else table


def _may_have(table: Any, path: str) -> bool:
    """True if a file belongs to this side. The desk also shows public pages, and has all files."""
    if settings.ENVIRONMENT.public_host is None or table is Staff:
        return True
    return table is Public and path.removeprefix(settings.STATIC_URL).startswith(FILES_OF_THE_PUBLIC)


def _is_in(table: Table, path: str) -> bool:
    try:
        resolve(path, table)  # type: ignore[arg-type]
    except Resolver404:
        return False
    return True
