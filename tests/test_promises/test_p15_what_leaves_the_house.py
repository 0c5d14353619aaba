"""Of P15: every page, answer, dump, byte and log of everybody, with an address planted that nobody may find."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.cases import consents
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.shelters.models import House
from amparo.care.shelters.rules import (
    arrive,
    release_bed,
)
from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.core.refusal import Refused
from tests.leaks import found_in
from tests.repetitions import SOAK, repeat

from .access import agency, answers, colleague
from .shelter import CANARY, Line, looks
from .test_every_person_every_page import BEFORE_ANYBODY, MAY, addresses
from .test_p03_a_stolen_database_says_nothing import stolen

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages_of(line: Line) -> list[str]:
    """The pages of this placement, its house and its case."""
    return [
        reverse("placement", args=[line.placement.pk]), reverse("placement-address", args=[line.placement.pk]),
        reverse("beds-for", args=[line.person.pk]), reverse("case", args=[line.case.pk]),
        reverse("case-person", args=[line.case.pk, line.person.pk]), reverse("house-beds", args=[line.house.pk]),
        reverse("case-consent", args=[line.case.pk, line.person.pk]), reverse("house-address", args=[line.house.pk]),
        reverse("house-kept", args=[line.house.pk]), reverse("house-close", args=[line.house.pk]),
        *(reverse(name, args=[line.case.pk, line.person.pk]) for name in ("case-report", "case-duplicates")),
    ]  # fmt: skip


def other_pages() -> list[str]:
    """Every other address of the staff's side, with something in place of what varies."""
    return [page for page in addresses() if not page.startswith(("/live", "/sign-out", "/lock"))]


def requested_by(user: User, number: int, line: Line) -> list[str]:
    """All pages of this placement, all of the user's own rooms, and one of eight that are not here for them, by turns
    from one user to the next; in `make soak` all. test_every_person_every_page.py shows that these are not here.
    """
    requested = pages_of(line)
    for turn, page in enumerate(other_pages()):
        room = page.split("/")[1]
        is_theirs = room in BEFORE_ANYBODY or (user.agency.kind, user.role) in MAY[room]
        if SOAK or is_theirs or (turn + number) % 8 == 0:
            requested.append(page)
    return requested


def shows(answer) -> bool:
    return b"Quebradahonda" in b"".join(answer) if answer.streaming else b"Quebradahonda" in answer.content


@pytest.mark.timeout(600)
def test_no_page_of_anybodys_shows_it_but_the_answer_to_who_opened_it(active):
    arrive(active.placement, by=active.luz, now=active.now)
    auditor = colleague("vera", Role.AUDITOR, agency(Kind.MINISTRY))
    for number, user in enumerate([*active.everybody, auditor, colleague("adm", Role.ADMINISTRATOR)]):
        client = browser(user)
        for turn, page in enumerate(requested_by(user, number, active)):
            for mode, answer in answers(client, page, turn, has_record=turn < len(pages_of(active))):
                assert not shows(answer), (user, mode, page)
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
    assert ".secret { display: none; }" in Path(str(find("core/print.css"))).read_text()


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


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(max_examples=repeat(8, 400), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests=asking)
def test_no_sequence_of_requests_of_who_may_not_shows_it(requests):
    with transaction.atomic():
        line = Line()
        line.approve()
        people = [line.ana, line.marta, line.stranger, line.luz]
        browsers = [browser(user) for user in people]
        pages = pages_of(line) + other_pages()
        for who, page, method, typed in requests:
            ask = getattr(browsers[who], method.lower())
            answer = ask(pages[page % len(pages)], typed)
            assert not shows(answer)
        assert looks() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("is_reserved", [True, False])
def test_no_consent_releases_it(line, is_reserved):
    """A person agrees to share everything with every recipient, and the address still stays in the house."""
    how = {"purpose": "invented", "informed": list(InformedItem.values), "given_how": "voice"}
    how |= {"expires_at": line.now + timedelta(days=9), "by": line.ana, "now": line.now}
    with pytest.raises(Refused):
        consents.record_consent_in_case(
            line.person, data=[Data.SAFE_HOUSE_ADDRESS], recipients=[Recipient.POLICE], **how
        )
    everything = [it for it in Data if it in (Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY)]
    consents.record_consent_in_case(line.person, data=everything, recipients=[Recipient.POLICE], **how)
    if not is_reserved:
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
            House.objects.create(code_name=line.house.code_name, agency=line.shelter, confirmed_at=line.now)
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
