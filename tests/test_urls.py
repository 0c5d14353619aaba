"""The URL tables find the page that Django's plain table would find."""

import re

import pytest
from django.urls import Resolver404, path, resolve, reverse

from amparo.urls import FirstWordResolver, PublicUrls, StaffUrls, machine_urls, public_urls, staff_urls

SAMPLES = {"int": "7", "slug": "ab-c", "path": "x/y", "uuid": "0c0b7a44-37f4-4c3f-9a86-0ec1a1c1c111", "str": "L-1"}


class PlainStaff:
    urlpatterns = staff_urls + machine_urls


class PlainPublic:
    urlpatterns = public_urls


def address(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "x"), route)


def found(path_: str, table: type) -> tuple | type:
    try:
        match = resolve(path_, table)
    except Resolver404:
        return Resolver404
    return match.func, match.args, match.kwargs, match.url_name, match.route


@pytest.mark.parametrize(("table", "plain"), [(StaffUrls, PlainStaff), (PublicUrls, PlainPublic)])
def test_each_address_leads_where_a_plain_table_leads(table, plain):
    addresses = [address(str(pattern.pattern)) for pattern in plain.urlpatterns]
    assert sum(found(each, plain) is not Resolver404 for each in addresses) > len(addresses) / 2  # the control
    for each in [*addresses, "/", "//", "/nothing", "/nothing/here", "/cases/", "/help"]:
        assert found(each, table) == found(each, plain), each


def test_a_name_leads_to_its_address():
    assert reverse("case-from-contact", StaffUrls, [SAMPLES["uuid"]]) == f"/cases/from/{SAMPLES['uuid']}"


def test_a_route_that_begins_with_a_variable_is_refused():
    """No first word would lead to it."""
    with pytest.raises(ValueError, match="begins with a variable"):
        FirstWordResolver([path("<str:code>/close", lambda request: None)])


def test_the_manual_is_found_without_its_slash():
    assert resolve("/help", StaffUrls).func is resolve("/help/", StaffUrls).func
