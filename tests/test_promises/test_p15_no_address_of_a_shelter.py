"""P15: no shelter's address appears anywhere but where a placement officer, or who of us brings somebody there, opened
it for an active placement; every look is written down before it is shown, and no consent releases it."""

import logging
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.cases import consenting
from amparo.care.cases.rules import let_join, open_case
from amparo.care.consent.disclosure import Data, Recipient
from amparo.care.consent.picklists import Told
from amparo.care.people.rules import describe_person
from amparo.care.shelters.housing import add_bed, add_house, keep_address, open_address
from amparo.care.shelters.models import House, HouseAddress
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    decline_placement,
    hold_bed,
    leave_house,
    release_bed,
    request_placement,
)
from amparo.ground.access.models import Kind, Role, User
from amparo.ground.audit.models import Entry
from amparo.ground.audit.words import Purpose
from amparo.ground.core.acting import need_to_know
from amparo.ground.core.refusal import Refused, Unreachable
from amparo.ground.vault.models import DataKey, Grant
from tests.leaks import found_in

from .access import agency, as_process, colleague, contact_of, hotline
from .test_every_person_every_page import addresses
from .test_p03_a_stolen_database_says_nothing import stolen
from .test_p06_no_look_without_an_entry import HOW, broken

CANARY = "Jirón Quebradahonda Inventada 4711"
OFFICER = {"role": Role.PLACEMENT_OFFICER}

pytestmark = pytest.mark.django_db


class Line:
    """A house whose address is sealed, and a placement that is asked for; everybody who has to do with it."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.shelter = agency(Kind.SHELTER)
        self.ana, self.ines = colleague("ana"), colleague("ines", Role.CASE_WORKER)
        self.marta, self.stranger = colleague("marta", Role.SUPERVISOR), colleague("rufino")
        self.olga, self.luz = colleague("olga", **OFFICER), colleague("luz", Role.SHELTER_STAFF, self.shelter)
        takes = {"region": "coast_south", "genders": ["feminine"]}
        self.house = add_house(f"Casa {uuid.uuid4().hex[:6]}", self.shelter, by=self.olga, now=self.now, **takes)
        add_bed(self.house, room=1, number=1, by=self.olga, now=self.now)
        keep_address(self.house, CANARY, by=self.olga, now=self.now)
        self.case = open_case(contact_of(self.ana), by=self.ana, now=self.now)
        let_join(self.case, self.ines, by=self.ana, now=self.now)
        known = {"age_at_events": 30, "age_certainty": "sure", "gender": "feminine"}
        self.person = describe_person(self.case.persons.get(part="at_risk"), by=self.ana, now=self.now, **known)
        self.placement = hold_bed(self.case, [self.person], self.house, by=self.ana, now=self.now)

    def ask(self) -> None:
        day = timezone.localdate(self.now)
        request_placement(self.placement, planned_to=day, escort_user=self.ines, by=self.ana, now=self.now)

    def approve(self) -> None:
        self.ask()
        approve_placement(self.placement, by=self.olga, now=self.now)

    @property
    def everybody(self) -> list[User]:
        return [self.ana, self.ines, self.marta, self.stranger, self.olga, self.luz]

    def opened_by(self, user: User) -> str:
        """What they read; the sentence where they may not."""
        try:
            return open_address(self.placement, purpose=Purpose.CARE, by=user, now=self.now)
        except Refused as refusal:
            return str(refusal)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def active(line) -> Line:
    line.approve()
    return line


def looks() -> list[Entry]:
    return list(Entry.objects.filter(what="look", about__startswith="houseaddress").order_by("pk"))


def test_the_officer_and_the_escort_open_it_and_the_ledger_says_so_with_why(active):
    for user in (active.olga, active.ines):
        assert active.opened_by(user) == CANARY
    assert [(it.user_id, it.purpose, it.fields) for it in looks()] == [
        (active.olga.pk, "care", ["address"]), (active.ines.pk, "care", ["address"]),
    ]  # fmt: skip
    assert {it.key for it in looks()} == {active.placement.key_id}  # it stands in her file


def test_nobody_else_opens_it_and_an_escort_of_nothing_neither(active):
    another = colleague("oto", **OFFICER)
    for user in (active.ana, active.marta, active.stranger, active.luz):
        assert CANARY not in active.opened_by(user)
    assert active.opened_by(another) == CANARY  # every officer does an officer's work
    assert len(looks()) == 1


def test_only_while_the_placement_is_active(line):
    def reads() -> list[bool]:
        return [line.opened_by(user) == CANARY for user in (line.olga, line.ines)]

    assert reads() == [False, False]
    line.ask()
    assert reads() == [False, False]
    approve_placement(line.placement, by=line.olga, now=line.now)
    assert reads() == [True, True]
    arrive(line.placement, by=line.luz, now=line.now)
    assert reads() == [True, True]
    leave_house(line.placement.in_beds[0], by=line.ana, now=line.now)
    assert reads() == [False, False]


@pytest.mark.parametrize("end", ["release", "decline", "run out"])
def test_an_approval_that_came_to_nothing_opens_nothing(active, end):
    if end == "release":
        release_bed(active.placement, by=active.ana, now=active.now)
    elif end == "decline":
        decline_placement(active.placement, because="invented", by=active.olga, now=active.now)
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "update shelters_occupancy set period = tstzrange(lower(period), lower(period) + '1 second')"
            )
            cursor.execute("update shelters_stay set held = tstzrange(lower(held), lower(held) + '1 second')")
            cursor.execute("select pg_sleep(1)") if timezone.now() < active.now + timedelta(seconds=1) else None
    # The transaction of a test has one clock; what asks it is the statement's.
    assert CANARY not in active.opened_by(active.olga)


def test_without_a_purpose_nothing_is_opened(active):
    with need_to_know(active.olga.acting()), connection.cursor() as cursor:
        cursor.execute("select * from shelters_open_address(%s)", [active.placement.pk])
        assert cursor.fetchall() == []


def test_a_new_address_destroys_the_former_one(active):
    former = HouseAddress.objects.get().key_id
    keep_address(active.house, "Jirón Nuevo Inventado 1", by=active.olga, now=active.now)
    assert active.opened_by(active.olga) == "Jirón Nuevo Inventado 1"
    assert not Grant.objects.filter(key=former).exists()
    assert DataKey.objects.get(pk=former).forgotten_at


def test_the_copy_of_its_key_is_held_by_a_role_that_nobody_has(active):
    assert Grant.objects.get(key=HouseAddress.objects.get().key_id).holder == f"{hotline().pk}:address"
    assert "address" not in Role.values


# SQL that somebody injects into a page of ours.

READING = (
    "select count(*) from shelters_houseaddress",
    "select count(*) from vault_grant where key_id = %(key)s",
    "select count(*) from vault_grant where holder like '%%:address'",
)
REFUSED = (
    "update shelters_houseaddress set house_id = house_id",
    "delete from shelters_houseaddress",
    "select vault_give(%(key)s, 'u%(user)s', 1, '', null, '8000-01-01')",
    "select vault_make_key_beside(gen_random_uuid(), %(key)s, 'x', 'x', 'x')",
    "select vault_take(%(key)s, '1:address')",
    "select vault_forget(%(key)s)",
    "select shelters_forget_former()",
    "set role postgres",
)


@pytest.mark.django_db(transaction=True)
def test_sql_in_a_page_reads_neither_row_nor_key_whoever_acts():
    line = Line()
    line.approve()
    key = HouseAddress.objects.get(house=line.house).key_id
    for user in line.everybody:
        values = {"key": key, "user": user.pk}
        for statement in READING:
            with as_process("web", user.acting("care")) as link:
                assert link.execute(statement, values).fetchone() == (0,), (user, statement)
        for statement in REFUSED:
            with as_process("web", user.acting("care")) as link, pytest.raises(psycopg.Error):
                link.execute(statement.replace("%(user)s", str(user.pk)), values)
        if user not in (line.olga, line.ines):
            with as_process("web", user.acting("care")) as link:
                found = link.execute("select * from shelters_open_address(%s)", [line.placement.pk]).fetchall()
                assert found == [], user


@pytest.mark.django_db(transaction=True)
def test_the_control_an_open_policy_shows_the_row():
    line = Line()
    with connection.cursor() as cursor:
        cursor.execute("create policy leak on shelters_houseaddress for select using (true)")
        cursor.execute(f'grant select on shelters_houseaddress to "{connection.settings_dict["NAME"]}_web"')
    try:
        with as_process("web", line.stranger.acting()) as link:
            assert link.execute(READING[0]).fetchone()[0] > 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop policy leak on shelters_houseaddress")
            cursor.execute(f'revoke select on shelters_houseaddress from "{connection.settings_dict["NAME"]}_web"')


@pytest.mark.parametrize("how", HOW[:2])
@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_refuses_opens_nothing(how):
    line = Line()
    line.approve()
    with broken(how), pytest.raises((Unreachable, DatabaseError)):
        open_address(line.placement, purpose=Purpose.CARE, by=line.olga, now=line.now)
    assert looks() == []


# Everything that leaves the house.


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages_of(line: Line) -> list[str]:
    """Every address of the staff's side, with what there is in place of what varies."""
    here = [
        reverse("placement", args=[line.placement.pk]), reverse("placement-address", args=[line.placement.pk]),
        reverse("beds-for", args=[line.person.pk]), reverse("case", args=[line.case.pk]),
        reverse("case-person", args=[line.case.pk, line.person.pk]), reverse("house-beds", args=[line.house.pk]),
        reverse("case-consent", args=[line.case.pk, line.person.pk]), reverse("house-address", args=[line.house.pk]),
        reverse("case-report", args=[line.case.pk, line.person.pk]), reverse("case-duplicates", args=[line.case.pk, line.person.pk]),
    ]  # fmt: skip
    return here + addresses()


def shows(answer) -> bool:
    return b"Quebradahonda" in b"".join(answer) if answer.streaming else b"Quebradahonda" in answer.content


@pytest.mark.timeout(600)
def test_no_page_of_anybodys_shows_it_but_the_answer_to_who_opened_it(active):
    arrive(active.placement, by=active.luz, now=active.now)
    auditor = colleague("vera", Role.AUDITOR, agency(Kind.MINISTRY))
    for user in [*active.everybody, auditor, colleague("adm", Role.ADMINISTRATOR)]:
        client = browser(user)
        for page in pages_of(active):
            if not page.startswith(("/live", "/sign-out", "/lock")):
                assert not shows(client.get(page)), (user, page)
    where = reverse("placement-address", args=[active.placement.pk])
    opened = browser(active.olga).post(where, {"purpose": "care"})
    assert shows(opened)  # the control: it is found where it is
    assert "no-store" in opened["Cache-Control"]
    assert not shows(browser(active.olga).get(where))
    for user in (active.ana, active.marta, active.stranger):
        assert not shows(browser(user).post(where, {"purpose": "care"}))


def test_it_is_opened_by_post_and_for_a_reason_alone(active):
    where = reverse("placement-address", args=[active.placement.pk])
    for typed in ({}, {"purpose": ""}, {"purpose": "curiosity"}):
        assert not shows(browser(active.olga).post(where, typed))
    assert not shows(browser(active.olga).get(where, {"purpose": "care"}))
    assert looks() == []


def test_it_is_marked_so_that_no_printer_gets_it(active):
    where = reverse("placement-address", args=[active.placement.pk])
    opened = browser(active.olga).post(where, {"purpose": "care"}).content.decode()
    assert f'<p class="secret" translate="no">{CANARY}</p>' in opened
    with open(reverse_static("core/print.css")) as sheet:
        assert ".secret { display: none; }" in sheet.read()


def reverse_static(name: str) -> str:
    from django.contrib.staticfiles.finders import find

    return str(find(name))


asking = st.lists(
    st.tuples(
        st.integers(0, 3),  # who of those who may not
        st.integers(0, 200),  # which page
        st.sampled_from(["GET", "POST"]),
        st.dictionaries(
            st.sampled_from(["purpose", "q", "who", "seen", "house", "why", "address", "code_name", "export", "show"]),
            st.sampled_from(["care", "danger", CANARY[:9], "all", "address", "1", "json"]),
            max_size=4,
        ),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=asking)
def test_no_sequence_of_requests_of_who_may_not_shows_it(asked):
    with transaction.atomic():
        line = Line()
        line.approve()
        people = [line.ana, line.marta, line.stranger, line.luz]
        browsers = [browser(user) for user in people]
        pages = [page for page in pages_of(line) if not page.startswith(("/live", "/sign-out", "/lock"))]
        for who, page, method, typed in asked:
            answer = (
                browsers[who].generic(method, pages[page % len(pages)])
                if method == "X"
                else getattr(browsers[who], method.lower())(pages[page % len(pages)], typed)
            )
            assert not shows(answer)
        assert looks() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("held", [True, False])
def test_no_consent_releases_it(line, held):
    """She agrees to all there is, for everybody there is, and it stays where it was."""
    how = {"purpose": "invented", "told": list(Told.values), "given_how": "voice"}
    how |= {"expires_at": line.now + timedelta(days=9), "by": line.ana, "now": line.now}
    with pytest.raises(Refused):
        consenting.agree(line.person, data=[Data.SAFE_HOUSE_ADDRESS], recipients=[Recipient.POLICE], **how)
    everything = [it for it in Data if it in (Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY)]
    consenting.agree(line.person, data=everything, recipients=[Recipient.POLICE], **how)
    if not held:
        release_bed(line.placement, by=line.ana, now=line.now)
    for user in line.everybody:
        assert CANARY not in line.opened_by(user)
    assert looks() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_no_byte_of_it_is_in_a_dump_the_data_or_a_log(tmp_path):
    log = logging.FileHandler(tmp_path / "application.log")
    logging.getLogger().addHandler(log)
    try:
        line = Line()
        line.approve()
        assert shows(
            browser(line.olga).post(reverse("placement-address", args=[line.placement.pk]), {"purpose": "care"})
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            House.objects.create(code_name=line.house.code_name, agency=line.shelter, said_at=line.now)
    finally:
        logging.getLogger().removeHandler(log)
    with connection.cursor() as cursor:
        cursor.execute("create table control as select %s::text as words", ["Cañaveral de control"])
    try:
        hits = found_in(stolen(tmp_path), [CANARY, "Quebradahonda", "Cañaveral de control"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table control")
    assert set(hits) == {"Cañaveral de control"}
