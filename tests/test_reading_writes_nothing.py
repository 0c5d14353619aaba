"""A page that is read (GET) writes no row of its room: only who read what, and what the browser is in the middle of."""

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import take_seat
from amparo.line.switchboard.models import Call, State
from amparo.urls import staff_urls
from tests.test_promises.access import colleague, contact_of
from tests.test_promises.planting import Planted, plant_case
from tests.test_promises.test_every_person_every_page import EXAMPLES, MAY, flat, rooms_of

GROUND = {"audit_entry", "access_session"}  # the ledger of looks; the session, with a challenge that was just made
WORDS = {"name": "Invented", "number": "+51900778001", "address": "Calle Inventada 1", "words": "invented words"}
ELSEWHERE = {Role.SHELTER_STAFF: Kind.SHELTER, Role.POLICE_LIAISON: Kind.POLICE, Role.ADMINISTRATOR: Kind.POLICE}


@pytest.fixture
def marta(db: None) -> User:
    return at_work(colleague("marta", Role.SUPERVISOR))


@pytest.fixture
def planted(marta: User) -> Planted:
    liaison = colleague("teo", Role.POLICE_LIAISON, Agency.objects.create(name="Invented unit", kind=Kind.POLICE))
    return plant_case(contact_of(marta), WORDS.__getitem__, by=marta, liaison=liaison)


def at_work(user: User) -> User:
    """Who opens the console for the first time gets a seat; here that was before."""
    take_seat(by=user, now=timezone.now())
    return user


def rows_written() -> Counter[str]:
    """How many rows this transaction has written, by table."""
    with connection.cursor() as cursor:
        cursor.execute("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables")
        return Counter(dict(cursor.fetchall()))


def written_by(user: User, planted: Planted, *rooms: str) -> dict[str, set[str]]:
    """Address -> the tables that are written when this person reads it, of the pages that they may open."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    ids = {
        "cases": planted.case.pk, "contacts": planted.case.inclusions.first().contact_id, "reports": planted.report.pk,
        "referrals": planted.referral.pk,
    }  # fmt: skip
    found = {}
    for address, room in rooms_of(*rooms).items():
        if (user.agency.kind, user.role) in MAY[room]:
            before = rows_written()
            client.get(address.replace(EXAMPLES["uuid"], str(ids.get(room, EXAMPLES["uuid"])), 1))
            if tables := set(rows_written() - before) - GROUND:
                found[address] = tables
    return found


def call_without_its_contact(user: User) -> None:
    """A call that was answered, and whose contact is not open yet."""
    now = timezone.now()
    Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[user.pk])


def test_no_page_writes_when_a_supervisor_reads_it_in_a_call(planted, marta):
    call_without_its_contact(marta)
    assert written_by(marta, planted) == {}


def test_no_page_writes_when_anybody_else_reads_it(planted):
    wrong = {}
    for role in set(Role) - {Role.SUPERVISOR}:
        kind = ELSEWHERE.get(role)
        user = colleague(role, role, Agency.objects.create(name=f"Invented {role}", kind=kind) if kind else None)
        if role == Role.OPERATOR:
            call_without_its_contact(at_work(user))
        wrong[role] = written_by(user, planted)
    assert {role: found for role, found in wrong.items() if found} == {}


def test_the_control_a_page_that_writes_is_found(planted, marta, monkeypatch):
    pattern = next(each for each in flat(staff_urls) if str(each.pattern) == "month")
    page = pattern.callback

    def careless(request, *args, **kwargs):
        Seat.objects.filter(pk=marta.pk).update(since=timezone.now())
        return page(request, *args, **kwargs)

    careless.may = page.may
    monkeypatch.setattr(pattern, "callback", careless)
    assert written_by(marta, planted, "month") == {"/month": {"roster_seat"}}
