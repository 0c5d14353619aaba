"""P13: nobody works here by a password alone, and no secret of an authenticator is readable in the database."""

import base64
import itertools
import re
from collections.abc import Container, Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from amparo.demo.people import PEOPLE, invent_people
from amparo.foundation.access import first_run
from amparo.foundation.access.models import User
from amparo.foundation.access.session_state import SessionState
from amparo.foundation.access.tests.entering import PASSWORD, by_password, register, register_app
from amparo.foundation.core.home_kind import kind_in_database, refuse_other_kind
from amparo.foundation.core.refusal import Misconfigured
from amparo.urls import staff_urls
from tests.repetitions import SOAK

METHODS = ("get", "post", "put", "delete", "head", "options", "patch")
MODES = ("navigate", "cors")
ANSWERS = {"int": "1", "uuid": str(uuid4()), "slug": "ready", "str": "x", "path": "es/nothing"}

# What a session that is not whole may reach: signing in, out, and one's own page to register at.
OPEN = {
    "sign-in", "sign-in/", "sign-in/passkey", "sign-in/second", "sign-in/second/passkey", "sign-in/code", "sign-out",
    "me", "me/passkeys/options", "me/passkeys/add", "me/app", "me/codes", "me/password",
    "me/authenticators/<int:pk>/remove", "me/sessions/end",
}  # fmt: skip


# What the session of the first run may reach: its four steps, and the way out.
OPEN_IN_THE_FIRST_RUN = {
    "sign-out", "first-link/<str:token>", "first-run", "first-run/line", "first-run/ways", "first-run/ways/app",
    "first-run/ways/passkey/options", "first-run/ways/passkey", "first-run/sheet", "first-run/sheet/read-back",
}  # fmt: skip


def routes(patterns: list[URLPattern | URLResolver] | None = None, above: str = "") -> Iterator[str]:
    """Every route of the staff's side, as the URLconf writes it."""
    for entry in staff_urls if patterns is None else patterns:
        route = above + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry.url_patterns, route)


def address(route: str) -> str:
    return "/" + re.sub(r"<(\w+):\w+>", lambda part: ANSWERS[part[1]], route)


def is_refused(answer) -> bool:
    """Led to register or to the first run, or told with a sentence."""
    return answer.headers.get("Location") in ("/me", "/first-run") or (
        answer.status_code == 403 and "X-Session-State" in answer.headers
    )


def requests_in_turn(turn: int) -> list[tuple[str, str]]:
    """Methods, each with the Sec-Fetch-Mode of a person or of a script."""
    if SOAK:
        return [*itertools.product(METHODS, MODES)]
    other = METHODS[2 + turn % len(METHODS[2:])]
    return [("get", MODES[0]), ("get", MODES[1]), ("post", MODES[turn % 2]), (other, MODES[turn // 2 % 2])]


def reached(browser: Client, rooms: Container[str] | None = None) -> set[str]:
    """All routes at which something else than the refusal answers: by GET as a person and as a script, by POST and one
    of the other methods as one of the two in turn; in `make soak` by all methods as both. A session is asked before the
    method.

    `rooms`: only routes that begin with one of these words.
    """
    found = set()
    for turn, route in enumerate(routes()):
        if route != "sign-out" and (rooms is None or route.split("/")[0] in rooms):  # it would end what is measured
            for method, mode in requests_in_turn(turn):
                answer = getattr(browser, method)(address(route), headers={"Sec-Fetch-Mode": mode})
                if not is_refused(answer):
                    found.add(route)
    return found


@pytest.fixture
def noelia(db) -> User:
    return User.objects.create_user("noelia", password=PASSWORD, first_name="Rosa")


@pytest.mark.soak
def test_a_password_alone_reaches_registering_and_nothing_else(noelia):
    browser = Client()
    by_password(browser, "noelia")
    assert len(list(routes())) > 40
    assert reached(browser) <= OPEN


@pytest.mark.soak
def test_the_first_run_reaches_its_steps_and_nothing_else(db):
    browser, link = Client(), f"/first-link/{first_run.make_link('noelia', '', timezone.now())}"
    who = {"name": "Noelia", "username": "noelia", "new_password1": PASSWORD, "new_password2": PASSWORD}
    browser.post(link, who)
    assert browser.session["first_run"] is True
    found = reached(browser)
    assert found <= OPEN_IN_THE_FIRST_RUN
    assert {"first-run/line", "first-run/ways"} <= found


def test_the_crawl_finds_a_session_that_is_whole(noelia):
    """The control: the same crawl, by somebody who showed a second factor, reaches much more."""
    browser = Client()
    by_password(browser, "noelia")
    register(browser)
    reached_by_her = reached(browser, rooms=("console", "contacts", "calls", "staff"))
    assert {"console", "contacts", "calls/<uuid:pk>/answer"} <= reached_by_her


def test_the_crawl_finds_a_view_that_lets_half_sessions_in(noelia, monkeypatch):
    """The control: one view carelessly opened to them is found."""
    view = get_resolver().resolve("/contacts").func
    monkeypatch.setattr(view, "open_to", {SessionState.PARTIAL}, raising=False)
    browser = Client()
    by_password(browser, "noelia")
    assert reached(browser, rooms=("contacts", "calls", "cases")) == {"contacts"}


def test_an_authenticator_alone_is_not_enough_either(noelia):
    """Two ways, so that one lost telephone locks nobody out: the codes have not been seen yet."""
    browser = Client()
    by_password(browser, "noelia")
    register_app(browser)
    assert browser.get("/console").headers["Location"] == "/me"


@pytest.fixture
def demo(db, settings) -> Client:
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=True)
    invent_people()
    browser = Client()
    by_password(browser, "ana", "demo-ana")
    return browser


def test_an_invented_person_comes_in_at_once_in_the_demonstration(demo):
    assert demo.get("/console").status_code == 200


def test_a_real_person_does_not_even_there(demo, noelia):
    browser = Client()
    by_password(browser, "noelia")
    assert browser.get("/console").headers["Location"] == "/me"


def test_outside_the_demonstration_the_same_session_is_worth_nothing(demo, settings):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False)
    assert demo.get("/console").headers["Location"] == "/me"
    browser = Client()
    by_password(browser, "ana", "demo-ana")
    assert browser.get("/console").headers["Location"] == "/me"
    with connection.cursor() as cursor, pytest.raises(Misconfigured, match="its people are invented"):
        refuse_other_kind("The database", kind_in_database(cursor), demo=False)


def test_only_who_is_invented_has_that_exemption(demo, noelia):
    """Even with the mark of the demonstration in their session."""
    browser = Client()
    by_password(browser, "noelia")
    session = browser.session
    session["invented"] = True
    session.save()
    assert browser.get("/console").headers["Location"] == "/me"
    assert len(PEOPLE) >= 3


def everything_in_the_database() -> str:
    """Every value of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("select schemaname || '.' || tablename from pg_tables where schemaname not like 'pg\\_%%'")
        tables = [row[0] for row in cursor.fetchall() if not row[0].startswith("information_schema")]
        rows = []
        for table in tables:
            cursor.execute(f"select t::text from {table} t")
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def forms_of(secret: str) -> list[str]:
    """The forms in which a secret may be stored: as written, decoded, in hexadecimal, in base64, in UTF-16."""
    raw = base64.b32decode(secret)
    wide = secret.encode("utf-16-le")
    return [
        secret, secret.lower(), raw.hex(), base64.b64encode(raw).decode().rstrip("="), secret.encode().hex(),
        base64.b64encode(secret.encode()).decode().rstrip("="), wide.hex(), base64.b64encode(wide).decode().rstrip("="),
    ]  # fmt: skip


def test_no_secret_of_an_authenticator_is_readable_in_the_database(noelia):
    browser = Client()
    by_password(browser, "noelia")
    page = browser.get("/me/app").content.decode()
    waiting = re.search(r'class="secret">([A-Z2-7]+)<', page)[1]  # shown, and not yet registered
    assert [form for form in forms_of(waiting) if form in everything_in_the_database()] == []
    secret, codes = register(browser)
    dump = everything_in_the_database()
    assert [form for form in forms_of(secret) if form in dump] == []
    assert [code for code in codes if code in dump] == []


def test_the_search_finds_a_secret_that_lies_open(noelia):
    """The control: as allauth keeps it by itself, in each of the forms that are searched for."""
    secret = base64.b32encode(b"twenty bytes of this").decode()
    for form in forms_of(secret):
        noelia.authenticator_set.all().delete()
        noelia.authenticator_set.create(type="totp", data={"secret": form})
        assert form in everything_in_the_database()
