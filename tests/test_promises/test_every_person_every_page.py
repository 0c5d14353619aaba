"""Every role of every kind of institution asks for every page: who may comes in, and for all others it is not here, in
the same words as where nothing is.

Who may asks by GET, POST and, by turns, PUT or DELETE; for a page that is everybody's, those do who take calls, and of
the others one role in four. For each page one role of one kind that may not asks by all four methods, another from page
to page. Of all others that may not, one in four at a hotline and one in sixteen elsewhere asks by GET or by POST. Turns
go from role to role, kind to kind and page to page. In `make soak` all ask: by all four who may, else by two.
`staff` asks who it is before it looks at the method, and what it asks of whom is compared with the oracle for everybody
and every page.
"""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, resolve

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.urls import StaffUrls, staff_urls
from tests.repetitions import SOAK

from .access import hotline

READ_AND_WRITE = ("GET", "POST")
METHODS = (*READ_AND_WRITE, "PUT", "DELETE")
SHIFT = {(Kind.HOTLINE, Role.OPERATOR), (Kind.HOTLINE, Role.SUPERVISOR)}
CASE_WORK = SHIFT | {(Kind.HOTLINE, Role.CASE_WORKER)}
LIAISONS = {(kind, Role.POLICE_LIAISON) for kind in (Kind.POLICE, Kind.PROSECUTOR)}
EVERYBODY = {(kind, role) for kind in Kind for role in Role}
ADMINISTRATORS = {(kind, Role.ADMINISTRATOR) for kind in Kind}
AUDITORS = {(kind, Role.AUDITOR) for kind in (Kind.HOTLINE, Kind.MINISTRY)}
WATCHERS = {(kind, role) for kind in Kind for role in (Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)}
EDITORS = {(Kind.HOTLINE, Role.DIRECTORY_EDITOR)}
DIRECTORY = CASE_WORK | EDITORS
HOUSES = {(Kind.SHELTER, Role.SHELTER_STAFF)}
OFFICERS = {(Kind.HOTLINE, Role.PLACEMENT_OFFICER)}
PROGRAMS = {(kind, Role.ADMINISTRATOR) for kind in Kind if kind != Kind.HOTLINE}
PUBLISHERS = {(Kind.HOTLINE, Role.PUBLISHER)}
ANALYSTS = PUBLISHERS | {(kind, Role.ANALYST) for kind in (Kind.HOTLINE, Kind.MINISTRY)}
CAMPAIGNS = {(Kind.HOTLINE, Role.CAMPAIGN_OFFICER)}
PLAN = {(kind, Role.PLAN_RESPONDENT) for kind in Kind} | {
    (kind, Role.PLAN_COORDINATOR) for kind in (Kind.HOTLINE, Kind.MINISTRY)
}
SHOW_PLANS = PUBLISHERS | {(kind, Role.PLAN_COORDINATOR) for kind in (Kind.HOTLINE, Kind.MINISTRY)}
SUPERVISORS = {(Kind.HOTLINE, Role.SUPERVISOR)}
KEEPERS = {(Kind.HOTLINE, Role.ADMINISTRATOR)}

# The oracle, written by hand: the first part of an address -> who may open what is below it.
MAY = {
    "console": SHIFT, "seat": SHIFT, "calls": SHIFT, "messages": SHIFT, "return-call": SHIFT, "demo": SHIFT,
    "chats": SHIFT, "contacts": SHIFT, "places": DIRECTORY, "cases": CASE_WORK, "cases.csv": CASE_WORK,
    "me": EVERYBODY,
    "home": EVERYBODY, "search": EVERYBODY, "find": EVERYBODY, "danger": SHIFT, "languages": SHIFT,
    "hard-calls": SHIFT, "hand-over": SHIFT, "roster": SHIFT, "roster.ics": SHIFT, "practice": SHIFT, "quality": SHIFT,
    "samples": SUPERVISORS, "courses": SUPERVISORS,
    "articles": CASE_WORK, "knowledge": SUPERVISORS, "wellbeing": SHIFT,
    "wallboard": SUPERVISORS, "waiting": SUPERVISORS, "month": SUPERVISORS, "month.csv": SUPERVISORS,
    "month.xlsx": SUPERVISORS, "month.pdf": SUPERVISORS,
    "shifts": SUPERVISORS, "certificates": SUPERVISORS, "ringing-rules": SUPERVISORS,
    "staff": ADMINISTRATORS, "ledger": AUDITORS, "ledger.csv": AUDITORS, "requests": SUPERVISORS, "alerts": WATCHERS,
    "reports": CASE_WORK | LIAISONS,
    "policy": EVERYBODY, "policies": SUPERVISORS, "bases": SUPERVISORS, "directory": DIRECTORY, "entries": EDITORS,
    "codes": CASE_WORK, "referrals": CASE_WORK, "joined": SUPERVISORS, "units": SUPERVISORS, "exchange": SUPERVISORS,
    "beds": CASE_WORK | OFFICERS, "house": HOUSES, "occupancy": HOUSES | OFFICERS, "houses": OFFICERS,
    "integrations": PROGRAMS, "installation": KEEPERS, "ready": KEEPERS | SUPERVISORS, "editions": PUBLISHERS,
    "first-run": KEEPERS, "campaigns": CAMPAIGNS, "events": CAMPAIGNS,
    "plan-publications": SHOW_PLANS, "plans": PLAN, "laws": PLAN,
    "notes": CAMPAIGNS | PUBLISHERS, "texts": CAMPAIGNS | PUBLISHERS,
    "estimates": PUBLISHERS, "analysis": ANALYSTS, "analysis.csv": ANALYSTS, "analysis.xlsx": ANALYSTS,
    "analysis.svg": ANALYSTS, "analysis.png": ANALYSTS,
    "cited-figures": ANALYSTS,
}  # fmt: skip
ON_THE_WALL = "/wallboard/screen"  # nobody takes calls at it
BEFORE_ANYBODY = {
    "first-link",
    "sign-in",
    "sign-out",
    "prove",
    "lock",
    "awake",
    "live",
    "help",
    "calendar",
}  # these ask by themselves
EXAMPLES = {"uuid": str(uuid.uuid4()), "int": "999999", "slug": "ready", "str": "C-999999", "path": "es/nothing"}


def flat(urls) -> Iterator[URLPattern]:
    """Every pattern, with those of included tables."""
    for url in urls:
        yield from flat(url.url_patterns) if isinstance(url, URLResolver) else [url]


def addresses(urls=staff_urls, before: str = "/") -> list[str]:
    """Every address of the staff's side, with something in place of what varies."""
    found = []
    for url in urls:
        if isinstance(url, URLResolver):
            found += addresses(url.url_patterns, before + str(url.pattern))
        else:
            found.append(before + re.sub(r"<(\w+):\w+>", lambda part: EXAMPLES[part[1]], str(url.pattern)))
    return found


@pytest.fixture
def people(db) -> dict[tuple[Kind, Role], User]:
    """One of each; invented, so that the demonstration's door lets them in without a second factor."""
    made = {}
    for kind in Kind:
        institution = hotline() if kind is Kind.HOTLINE else Agency.objects.create(name=f"Invented {kind}", kind=kind)
        for role in Role:
            made[kind, role] = User.objects.create(
                username=f"{kind}-{role}", role=role, agency=institution, is_invented=True
            )
    return made


def what_is_not_there(operator: User) -> bytes:
    """What an operator reads where no such contact exists."""
    client = Client(headers={"Sec-Fetch-Mode": "cors"})
    client.force_login(operator)
    return client.get(f"/contacts/{uuid.uuid4()}").content


def shows_no_call(content: bytes) -> bool:
    """Whether a whole page has neither the console nor the bar of the call that runs."""
    return b"<html" in content and not any(script in content for script in (b"desk/call-bar.js", b"desk/console.js"))


def methods_of(kind: Kind, rooms: dict[str, str]) -> dict[tuple[Role, str], tuple[str, ...]]:
    """By which methods each role of this kind of institution asks for each address: see the head of this file."""
    found = {}
    for place, (address, room) in enumerate(rooms.items()):
        refused = [role for role in Role if (kind, role) not in MAY[room]]
        for number, role in enumerate(Role):
            turn = place + number + list(Kind).index(kind)
            if role not in refused:
                is_everybodys = MAY[room] == EVERYBODY and (kind, role) not in SHIFT
                found[role, address] = methods_of_who_may(turn, is_everybodys)
            elif kind is kind_in_turn(place) and role == refused[place % len(refused)]:
                found[role, address] = METHODS
            else:
                found[role, address] = methods_of_who_may_not(turn, 4 if kind is Kind.HOTLINE else 16)
    return found


def methods_of_who_may(turn: int, is_everybodys: bool) -> tuple[str, ...]:
    if SOAK:
        return METHODS
    if is_everybodys and turn % 4:
        return ()
    return (*READ_AND_WRITE, ("PUT", "DELETE")[turn % 2])


def methods_of_who_may_not(turn: int, often: int) -> tuple[str, ...]:
    """`often`: in how many turns once."""
    if SOAK:
        return READ_AND_WRITE
    if turn % often:
        return ()
    return (READ_AND_WRITE[turn // often % 2],)


def kind_in_turn(place: int) -> Kind:
    """Return the kind of institution where somebody who may not open the page at this place asks by all methods."""
    return list(Kind)[place % len(Kind)]


def rooms_of(*names: str) -> dict[str, str]:
    """Address -> room, of these rooms or of all of the oracle."""
    rooms = {at: room for at in addresses() if (room := at.split("/")[1]) not in BEFORE_ANYBODY}
    return {at: room for at, room in rooms.items() if not names or room in names}


def crawl(people: dict[tuple[Kind, Role], User], kind: Kind, rooms: dict[str, str]) -> tuple[list[str], int]:
    """What is answered otherwise than the oracle says, and the number of requests."""
    requested, wrong, not_there = 0, [], what_is_not_there(people[Kind.HOTLINE, Role.OPERATOR])
    methods = methods_of(kind, rooms)
    for who in ((kind, role) for role in Role):
        user = people[who]
        client = Client(headers={"Sec-Fetch-Mode": "cors"}, raise_request_exception=False)
        client.force_login(user)
        for address, room in rooms.items():
            for method in methods[who[1], address]:
                client.force_login(user) if address.endswith(("/end", "/password")) else None
                answer = client.generic(method, address)
                requested += 1
                is_hidden = answer.status_code == 404 and answer.content == not_there
                if who not in MAY[room] and not is_hidden:
                    wrong.append(f"{who} {method} {address}: {answer.status_code}")
                if who in MAY[room] and is_hidden and not any(example in address for example in EXAMPLES.values()):
                    wrong.append(f"{who} {method} {address} is hidden from who may open it")
                if who in SHIFT and address != ON_THE_WALL and shows_no_call(answer.content):
                    wrong.append(f"{who} {method} {address} shows nothing of a call that runs")
                if answer.status_code >= 500 and answer.status_code != 503:
                    wrong.append(f"{who} {method} {address}: {answer.status_code}")
    return wrong, requested


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", Kind)
def test_every_person_meets_what_the_oracle_says(people, kind):
    """One test for each kind of institution, so that workers share them (conftest.py)."""
    wrong, requested = crawl(people, kind, rooms_of())
    assert wrong == []
    assert requested > len(rooms_of()) > 200
    print(f"{requested:,} checks")


def let_in(people: dict[tuple[Kind, Role], User]) -> list[str]:
    """Return each role that the decorator of a page lets in, although the oracle does not."""
    pages = {address: (room, resolve(address, StaffUrls).func.may) for address, room in rooms_of().items()}
    return [
        f"{who} {address}"
        for address, (room, may) in pages.items()
        for who, user in people.items()
        if who not in MAY[room] and may(user)
    ]


def test_no_decorator_of_a_page_lets_in_whom_the_oracle_does_not(people):
    assert let_in(people) == []


def test_a_decorator_that_lets_one_role_of_one_kind_in_is_found(people, monkeypatch):
    """The control."""
    view, auditor = resolve("/wallboard", StaffUrls).func, people[Kind.POLICE, Role.AUDITOR]
    may = view.may
    monkeypatch.setattr(view, "may", lambda user: user == auditor or may(user))
    assert let_in(people) == [f"{(Kind.POLICE, Role.AUDITOR)} /wallboard"]


@pytest.mark.parametrize("method", METHODS)
def test_a_page_that_answers_before_it_asks_who_it_is_is_found(people, monkeypatch, method):
    """The control: a page that forgets its decorator for one method."""

    def careless(request, *args, **kwargs):
        return HttpResponse("the figures of the month") if request.method == method else page(request, *args, **kwargs)

    pattern = next(each for each in flat(staff_urls) if str(each.pattern) == "month")
    page = pattern.callback
    monkeypatch.setattr(pattern, "callback", careless)
    wrong, _requested = crawl(people, kind_in_turn(0), rooms_of("month"))
    assert len(wrong) >= 1
    assert all(f" {method} /month: 200" in each for each in wrong)


@pytest.mark.django_db
def test_nobody_signed_in_is_led_to_the_door():
    for address in addresses():
        if address.split("/")[1] not in BEFORE_ANYBODY:
            answer = Client().get(address)
            assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in"), address


def test_a_page_in_no_row_of_the_oracle_fails():
    assert {a.split("/")[1] for a in addresses()} <= MAY.keys() | BEFORE_ANYBODY
