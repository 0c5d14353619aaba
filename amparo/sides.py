"""Which side a request is for: told by the name of the host or, where both sides share one, by the path."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import Resolver404, resolve

from amparo.screens.site import anonymous
from amparo.urls import Machine, Public, Staff

type Table = type[Public | Staff | Machine]


class Sides:
    """The middleware above all that knows a person: the public side passes none of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        table = table_of(request)
        request.urlconf = table  # type: ignore[assignment]  # Django takes whatever has `urlpatterns`
        if table is Public:
            return anonymous.answer(request, self.get_response)
        return self.get_response(request)


def table_of(request: HttpRequest) -> Table:
    here = settings.ENVIRONMENT
    if here.public_host is None:
        return Staff if _is_in(Staff, request.path_info) else Public
    name, _ = split_domain_port(request.get_host())
    sides: dict[str | None, Table] = {here.public_host: Public, here.staff_host: Staff}
    return sides.get(name.rstrip("."), Machine)


def _is_in(table: Table, path: str) -> bool:
    try:
        resolve(path, table)  # type: ignore[arg-type]
    except Resolver404:
        return False
    return True
