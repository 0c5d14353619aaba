"""Every role of every kind of institution asks for every page: who may comes in, and for all others it is not here, in
the same words as where nothing is.

GET and POST are asked by everybody. PUT and DELETE are asked by all who may, and for each page by one role of each kind
that may not, a different role from page to page: `staff` asks who it is before it looks at the method.
"""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLResolver

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.urls import staff_urls

from .access import hotline

BY_ALL, BY_SOME = ("GET", "POST"), ("PUT", "DELETE")
SHIFT = {(Kind.HOTLINE, Role.OPERATOR), (Kind.HOTLINE, Role.SUPERVISOR)}
CASE_WORK = SHIFT | {(Kind.HOTLINE, Role.CASE_WORKER)}
LIAISONS = {(kind, Role.POLICE_LIAISON) for kind in (Kind.POLICE, Kind.PROSECUTOR)}
EVERYBODY = {(kind, role) for kind in Kind for role in Role}
ADMINISTRATORS = {(kind, Role.ADMINISTRATOR) for kind in Kind}
AUDITORS = {(kind, Role.AUDITOR) for kind in Kind}
WATCHERS = {(kind, role) for kind in Kind for role in (Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)}
EDITORS = {(Kind.HOTLINE, Role.DIRECTORY_EDITOR)}
DIRECTORY = CASE_WORK | EDITORS
HOUSES = {(Kind.SHELTER, Role.SHELTER_STAFF)}
OFFICERS = {(Kind.HOTLINE, Role.PLACEMENT_OFFICER)}
PROGRAMS = {(kind, Role.ADMINISTRATOR) for kind in Kind if kind != Kind.HOTLINE}
PUBLISHERS = {(Kind.HOTLINE, Role.PUBLISHER)}
CAMPAIGNS = {(Kind.HOTLINE, Role.CAMPAIGN_OFFICER)}
PLAN = {(kind, Role.PLAN_RESPONDENT) for kind in Kind} | {
    (kind, Role.PLAN_COORDINATOR) for kind in (Kind.HOTLINE, Kind.MINISTRY)
}
SUPERVISORS = {(Kind.HOTLINE, Role.SUPERVISOR)}

# The oracle, written by hand: the first part of an address -> who may open what is below it.
MAY = {
    "console": SHIFT, "seat": SHIFT, "calls": SHIFT, "messages": SHIFT, "return-call": SHIFT, "demo": SHIFT,
    "chats": SHIFT, "contacts": SHIFT, "places": DIRECTORY, "cases": CASE_WORK, "cases.csv": CASE_WORK,
    "me": EVERYBODY,
    "home": EVERYBODY, "search": EVERYBODY, "find": EVERYBODY, "danger": SHIFT, "languages": SHIFT,
    "hard-calls": SHIFT, "roster": SHIFT, "practice": SHIFT,
    "wallboard": SUPERVISORS, "month": SUPERVISORS, "month.csv": SUPERVISORS, "month.xlsx": SUPERVISORS,
    "shifts": SUPERVISORS, "certificates": SUPERVISORS, "ringing-rules": SUPERVISORS,
    "staff": ADMINISTRATORS, "ledger": AUDITORS, "requests": SUPERVISORS, "alerts": WATCHERS,
    "reports": CASE_WORK | LIAISONS,
    "policy": EVERYBODY, "policies": SUPERVISORS, "bases": SUPERVISORS, "directory": DIRECTORY, "entries": EDITORS,
    "codes": CASE_WORK, "referrals": CASE_WORK, "joined": SUPERVISORS, "units": SUPERVISORS, "exchange": SUPERVISORS,
    "beds": CASE_WORK | OFFICERS, "house": HOUSES, "houses": OFFICERS,
    "integrations": PROGRAMS, "installation": {(Kind.HOTLINE, Role.ADMINISTRATOR)}, "editions": PUBLISHERS,
    "campaigns": CAMPAIGNS, "events": CAMPAIGNS,
    "plans": PLAN, "laws": PLAN, "notes": CAMPAIGNS | PUBLISHERS,
    "estimates": PUBLISHERS, "cited-figures": PUBLISHERS,
}  # fmt: skip
BEFORE_ANYBODY = {"sign-in", "sign-out", "prove", "lock", "awake", "live", "help"}  # these ask by themselves
EXAMPLES = {"uuid": str(uuid.uuid4()), "int": "999999", "slug": "ready", "str": "C-999999", "path": "es/nothing"}


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


def by_all_methods(kind: Kind, rooms: dict[str, str]) -> set[tuple[Role, str]]:
    """Role and address: of this kind of institution all who may, and one who may not."""
    tried = set()
    for place, (address, room) in enumerate(rooms.items()):
        refused = [role for role in Role if (kind, role) not in MAY[room]]
        tried |= {(role, address) for role in Role if role not in refused}
        tried |= {(refused[place % len(refused)], address)} if refused else set()
    return tried


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", Kind)
def test_every_person_meets_what_the_oracle_says(people, kind):
    """One test for each kind of institution, so that workers share them (conftest.py)."""
    asked, wrong, not_there = 0, [], what_is_not_there(people[Kind.HOTLINE, Role.OPERATOR])
    rooms = {at: room for at in addresses() if (room := at.split("/")[1]) not in BEFORE_ANYBODY}
    all_methods = by_all_methods(kind, rooms)
    for who in ((kind, role) for role in Role):
        user = people[who]
        client = Client(headers={"Sec-Fetch-Mode": "cors"}, raise_request_exception=False)
        client.force_login(user)
        for address, room in rooms.items():
            for method in (*BY_ALL, *BY_SOME) if (who[1], address) in all_methods else BY_ALL:
                client.force_login(user) if address.endswith(("/end", "/password")) else None
                answer = client.generic(method, address)
                asked += 1
                is_hidden = answer.status_code == 404 and answer.content == not_there
                if who not in MAY[room] and not is_hidden:
                    wrong.append(f"{who} {method} {address}: {answer.status_code}")
                if who in MAY[room] and is_hidden and not any(example in address for example in EXAMPLES.values()):
                    wrong.append(f"{who} {method} {address} is hidden from who may open it")
                if answer.status_code >= 500 and answer.status_code != 503:
                    wrong.append(f"{who} {method} {address}: {answer.status_code}")
    assert wrong == []
    assert asked >= len(Role) * len(BY_ALL) * 100
    print(f"{asked:,} checks")


@pytest.mark.django_db
def test_nobody_signed_in_is_led_to_the_door():
    for address in addresses():
        if address.split("/")[1] not in BEFORE_ANYBODY:
            answer = Client().get(address)
            assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in"), address


def test_a_page_in_no_row_of_the_oracle_fails():
    assert {a.split("/")[1] for a in addresses()} <= MAY.keys() | BEFORE_ANYBODY
