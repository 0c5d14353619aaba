"""Which side a request is for: told by the name of the host or, where both sides share one, by the path."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import Resolver404, resolve

from amparo.screens.site import anonymous
from amparo.urls import Api, Machine, Public, Staff

API = "/api/"

type Table = type[Public | Staff | Api | Machine]


class Sides:
    """The middleware above all that knows a person: the public side passes none of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        table = table_of(request)
        request.urlconf = table  # type: ignore[assignment]  # Django takes whatever has `urlpatterns`
        if table is Public:
            return anonymous.answer(request, self.get_response)
        if table is Api:
            request.META.pop("HTTP_COOKIE", None)  # a token alone says who asks
        return self.get_response(request)


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


def _is_in(table: Table, path: str) -> bool:
    try:
        resolve(path, table)  # type: ignore[arg-type]
    except Resolver404:
        return False
    return True
