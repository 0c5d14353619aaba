"""What anybody may open and what needs a sign-in share nothing but a machine: told by name, each knows its own URLs."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client

from amparo.foundation.access.models import Role, User
from amparo.foundation.core import environment
from amparo.urls import PublicUrls, StaffUrls, machine_urls, public_urls, staff_urls
from tests.pages import body
from tests.repetitions import SOAK
from tests.table import urls

PUBLIC, STAFF, MACHINE = [*urls(public_urls)], [*urls(staff_urls)], [*urls(machine_urls)]
HELP, DESK = {"Host": "help.example"}, {"Host": "staff.example"}
METHODS = ("get", "post", "put", "delete")


@pytest.fixture
def hosts(settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host="help.example", staff_host="staff.example")


@pytest.fixture
def colleague(db):
    client = Client()
    client.force_login(User.objects.create(username="ana", role=Role.OPERATOR))
    return client


def found(client: Client, pages: list[str], headers: dict[str, str]) -> list[str]:
    """Which of the pages are not as if they did not exist: by GET, and one in five by each other method, by turns, for
    the table is chosen before the method is looked at; in `make soak` all by each.
    """
    found = []
    for number, method in enumerate(METHODS):
        ask = getattr(client, method)
        nothing = body(ask("/nowhere", headers=headers))
        chosen = pages if method == "get" or SOAK else pages[number::5]
        answers = [(page, ask(page, headers=headers)) for page in chosen]
        found += [page for page, answer in answers if (answer.status_code, body(answer)) != (404, nothing)]
    return found


def test_the_tables_are_whole():
    assert len(STAFF) > 20
    assert len(PUBLIC) >= 5
    assert not set(PUBLIC) & set(STAFF)


@pytest.mark.soak
def test_no_page_of_staff_exists_under_the_public_name(hosts, colleague):
    assert found(colleague, [*STAFF, *MACHINE], HELP) == []


def test_no_public_page_exists_under_the_staff_name(hosts, colleague):
    assert {*found(colleague, PUBLIC, DESK)} == {"/"}
    assert colleague.get("/", headers=DESK).headers["Location"] == "/home"  # the name alone leads inside


def test_under_another_name_only_monitoring_is_answered(hosts, colleague):
    assert found(colleague, [*PUBLIC, *STAFF], {"Host": "127.0.0.1:8000"}) == []
    assert colleague.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code == 503  # no switchboard here


def test_the_control_a_page_in_the_wrong_table_is_found(hosts, colleague, monkeypatch):
    class Careless(PublicUrls):
        urlpatterns = public_urls + staff_urls

    monkeypatch.setattr("amparo.host_routing.PublicUrls", Careless)
    colleague.raise_request_exception = False  # some ask the database, which breaks them there
    assert "/sign-in" in found(colleague, STAFF, HELP)


DESKS_FILES = ["/static/desk/console.js", "/static/core/desk.css", "/static/access/lock.js"]
PUBLIC_FILES = [
    "/static/site/site.css",
    "/static/core/base.css",
    "/static/core/icons.svg",
    "/static/switchboard/leg.js",
]


@pytest.mark.parametrize(
    ("name", "answered"),
    [("help.example", PUBLIC_FILES), ("staff.example", DESKS_FILES + PUBLIC_FILES), ("x.example", [])],
)
def test_files_are_served_where_their_pages_are(hosts, client, name, answered):
    files = {path: client.get(path, headers={"Host": name}).status_code for path in DESKS_FILES + PUBLIC_FILES}
    assert files == {path: 200 if path in answered else 404 for path in files}


def test_each_file_that_a_public_page_names_is_there_under_its_name(hosts, client):
    pages = [client.get(page, headers=HELP).content.decode() for page in PUBLIC if "." not in page]
    names = {name for page in pages for name in re.findall(r'"(/static/[^"#]+)', page)}
    assert len(names) > 4
    assert {client.get(name, headers=HELP).status_code for name in names} == {200}


@pytest.mark.parametrize("name", ["help.example", "HELP.example", "help.example:8443", "help.example."])
def test_a_name_is_known_however_it_is_written(hosts, client, name):
    assert client.get("/", headers={"Host": name}).status_code == 200
    assert client.get("/sign-in", headers={"Host": name}).status_code == 404


def test_each_side_answers_under_its_own_name(hosts, colleague):
    assert colleague.get("/", headers=HELP).status_code == 200
    assert colleague.get("/console", headers=DESK).status_code == 200


def test_without_names_both_are_there(colleague):
    assert colleague.get("/").status_code == 200
    assert colleague.get("/console").status_code == 200


def test_what_staff_do_not_find_is_told_by_their_own_page(hosts, client):
    assert 'href="/home"' in client.get("/nowhere", headers=DESK).content.decode()
    assert StaffUrls.handler404 != PublicUrls.handler404


@pytest.mark.parametrize(
    ("public", "staff", "named"),
    [
        ("help.example", "", "AMPARO_STAFF_HOST"),
        ("", "staff.example", "AMPARO_PUBLIC_HOST"),
        ("help.example", "Help.example", "the same"),
        ("https://help.example", "staff.example", "AMPARO_PUBLIC_HOST"),
        ("help.example", "staff.example:8000", "AMPARO_STAFF_HOST"),
    ],
)
def test_names_that_cannot_be_used_are_named(monkeypatch, public, staff, named):
    monkeypatch.setenv("AMPARO_PUBLIC_HOST", public)
    monkeypatch.setenv("AMPARO_STAFF_HOST", staff)
    with pytest.raises(environment.Misconfigured, match=named):
        environment.read_environment()


def test_names_are_read(monkeypatch):
    monkeypatch.setenv("AMPARO_PUBLIC_HOST", "Help.example")
    monkeypatch.setenv("AMPARO_STAFF_HOST", "staff.example")
    assert (environment.read_environment().public_host, environment.read_environment().staff_host) == (
        "help.example",
        "staff.example",
    )


def tables_of(process: str) -> set[str]:
    """What the process may read or write."""
    role = f"{connection.settings_dict['NAME']}_{process}"
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')"
            " and has_table_privilege(%s, oid, 'select, insert, update, delete, truncate')",
            [role],
        )
        return {name for (name,) in cursor.fetchall()}


OF_A_SECRET = {  # who has a code reads a few columns of what is under its keys (care/returning/tests)
    "vault_datakey",
    "vault_grant",
    "contacts_returncode",
    "contacts_returncodemessage",
    "returning_returncodeowner",
    "people_person",
    "consent_consent",
    "police_reports_report",
    "police_reports_reportevent",
    "cases_case",
    "consent_policyversion",  # what is told to everybody who calls
    "chat_chat",
    "chat_chatmessage",  # of a receipt (line/chat/tests)
    "referrals_referral",
    "referrals_discloseditem",
    "referrals_referralevent",  # of a link (care/referrals/tests)
}


def test_the_database_gives_the_public_side_no_table_but_for_a_secret_of_ours(db):
    assert tables_of("site") - {"django_migrations"} <= OF_A_SECRET  # the names of our own files
    assert "contacts_contact" in tables_of("web")  # the control
