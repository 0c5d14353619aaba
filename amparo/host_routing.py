"""Decide for which side a request is, public or staff: by host name or, if both share one, by path."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from whitenoise.middleware import WhiteNoiseMiddleware

from amparo import static_urls
from amparo.screens import manual
from amparo.screens.site import anonymous
from amparo.urls import ApiUrls, MachineUrls, PublicUrls, StaffUrls

API = "/api/"
PART = 1 << 20  # bytes of a file that are read at once; of ours none has so many
FILES_OF_THE_PUBLIC = (
    "site/", "switchboard/leg.js", "publishing/figures.css",
    "core/base.css", "core/tokens.css", "core/icon.svg", "core/icons.svg",
)  # fmt: skip

type Table = type[PublicUrls | StaffUrls | ApiUrls | MachineUrls]


class HostRoutingMiddleware:
    """The first middleware: choose the URL table. Public pages skip all middleware that knows a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        table = url_table_of(request)
        if table is StaffUrls and request.path_info == "/":
            return redirect("/home")  # which leads who is not signed in to the sign-in
        request.urlconf = table  # type: ignore[assignment]  # Django takes whatever has `urlpatterns`
        if table is PublicUrls:
            return anonymous.answer_publicly(request, self.get_response)
        if table is ApiUrls:
            request.META.pop("HTTP_COOKIE", None)  # only a token identifies the client
        return self.get_response(request)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it says no types
    """Serve styles, scripts, pictures and the manual; to public pages only the files that they need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        manual.serve_manual(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_current = static_urls.take_digest(request)
        serve = super().__call__ if _may_have_file(request.urlconf, request.path_info) else self.get_response
        answer: HttpResponse = serve(request)
        if isinstance(answer, FileResponse):
            answer.headers.pop("Last-Modified", None)  # a browser revalidates by the ETag, and each header costs bytes
            if is_current:
                answer.headers["Cache-Control"] = static_urls.KEEP
            answer.block_size = PART  # few parts: a visitor who reads slowly keeps no thread (asgi.py)
        return answer


def url_table_of(request: HttpRequest) -> Table:
    """Return the URL table for the host name and path of a request."""
    here = settings.ENVIRONMENT
    if here.public_host is None:
        if request.path_info.startswith(API):
            return ApiUrls
        return StaffUrls if _is_in_table(StaffUrls, request.path_info) else PublicUrls
    name, _ = split_domain_port(request.get_host())
    sides: dict[str | None, Table] = {here.public_host: PublicUrls, here.staff_host: StaffUrls}
    table = sides.get(name.rstrip("."), MachineUrls)
    return ApiUrls if table is StaffUrls and request.path_info.startswith(API) else table


def _may_have_file(table: Any, path: str) -> bool:
    """True if this side may serve the file. The staff's side shows public pages too, so it may serve all."""
    if settings.ENVIRONMENT.public_host is None or table is StaffUrls:
        return True
    return table is PublicUrls and path.removeprefix(settings.STATIC_URL).startswith(FILES_OF_THE_PUBLIC)


def _is_in_table(table: Table, path: str) -> bool:
    try:
        resolve(path, table)  # type: ignore[arg-type]
    except Resolver404:
        return False
    return True
