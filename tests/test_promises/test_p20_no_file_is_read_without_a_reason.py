"""P20: What is not one's current work is read by nobody who has not said why: not a sealed word, by no page."""

import re
import uuid
from collections.abc import Container, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.oversight import openings, pages
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts import views
from amparo.line.contacts.models import Contact
from amparo.line.switchboard.models import Call, State
from amparo.urls import staff_urls

from .access import agency, answers, colleague, contact_of
from .planting import Planted, plant_case
from .test_p13_nobody_by_password_alone import routes

WORDS = "the thread shop by the river"

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> Contact:
    return contact_of(colleague("ana"), notes=WORDS)


@pytest.fixture
def marta() -> User:
    """Holds the keys of her role, and works on none of it."""
    return colleague("marta", Role.SUPERVISOR)


@pytest.fixture
def planted(contact) -> Planted:
    """A case of it, in which everything is told that can be."""
    ana = User.objects.get(pk=contact.operator_id)
    liaison = colleague("teo", Role.POLICE_LIAISON, agency(Kind.POLICE))
    return plant_case(contact, lambda kind: WORDS, by=ana, liaison=liaison)


def ids_of(contact: Contact, planted: Planted | None) -> dict[str, str]:
    """By the first part of an address, and what varies in it."""
    ids = {"contacts pk": contact.pk, "codes contact": contact.pk}
    if planted:
        of_case = {"pk": planted.case.pk, "person": planted.person.pk, "contact": contact.pk, "into": planted.person.pk}
        ids |= {f"cases {name}": pk for name, pk in of_case.items()} | {
            "reports pk": planted.report.pk, "referrals pk": planted.referral.pk,
        }  # fmt: skip
    return {name: str(pk) for name, pk in ids.items()}


def filled(route: str, ids: dict[str, str]) -> str:
    room = route.split("/")[0]
    for name in re.findall(r"<uuid:(\w+)>", route):
        route = route.replace(f"<uuid:{name}>", ids.get(f"{room} {name}", str(uuid.uuid4())))
    return "/" + re.sub(r"<\w+:\w+>", "1", route)


def walk(
    user: User, contact: Contact, planted: Planted | None = None, rooms: Container[str] | None = None
) -> Iterator[tuple[str, str]]:
    """What is answered at every address that can be asked for, as a person and as a script.

    `rooms`: only addresses that begin with one of these words; enough for a control.
    """
    ids = ids_of(contact, planted)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    for turn, route in enumerate(routes(staff_urls)):
        if route.startswith("live/") or route in ("sign-out", "me/sessions/end"):  # these would end the walk
            continue
        if rooms is not None and route.split("/")[0] not in rooms:
            continue
        address = filled(route, ids)
        for mode, answer in answers(client, address, turn, has_record="<" in route):
            yield f"{mode} {address}", answer.content.decode(errors="replace")


def crawl(
    user: User, contact: Contact, planted: Planted | None = None, rooms: Container[str] | None = None
) -> list[str]:
    """Where a word of this file comes out."""
    return [where for where, text in walk(user, contact, planted, rooms) if WORDS in text]


def looks(user: User, contact: Contact) -> int:
    return Entry.objects.filter(user_id=user.pk, what="look", key=contact.key_id).count()


OF_A_CONTACT = ("contacts", "codes")  # what begins the addresses in which the id of one stands
ASKED_OF_NOBODY = {"/codes"}  # what came with a code waits for the whole shift, and is its work


def test_a_contact_is_not_read_before_the_reason_is_said(marta, contact):
    """At its own addresses; the next test asks for all others too."""
    assert crawl(marta, contact, rooms=OF_A_CONTACT) == []
    assert looks(marta, contact) == 0


def test_no_page_reads_a_word_before_the_reason_is_said_and_every_look_carries_it(marta, contact, planted):
    """One walk, with two contacts, a case and a report that nobody opened, and with a contact that was opened."""
    ana, other_words = User.objects.get(pk=contact.operator_id), "the kiosk behind the church"
    alone, opened = contact_of(ana, notes=WORDS), contact_of(ana, notes=other_words)
    openings.open_file(opened, purpose=openings.Purpose.DANGER, by=marta, now=timezone.now())
    answered = [
        *walk(marta, contact, planted),
        *walk(marta, alone, rooms=OF_A_CONTACT),
        *walk(marta, opened, rooms=OF_A_CONTACT),
    ]
    found = {where.partition(" ")[2] for where, text in answered if WORDS in text}
    assert found <= ASKED_OF_NOBODY
    assert looks(marta, contact) == looks(marta, alone) == 0
    assert not Entry.objects.filter(user_id=marta.pk, what="look", key__in=[planted.case.key_id, planted.report.key_id])
    assert f"navigate /contacts/{opened.pk}" in [where for where, text in answered if other_words in text]
    mine = Entry.objects.filter(user_id=marta.pk, key=opened.key_id)
    assert set(mine.values_list("what", "purpose")) == {("open_file", "danger"), ("look", "danger")}


def test_the_control_who_said_why_finds_a_case_and_a_report(marta, contact, planted):
    for record in (planted.case, planted.report, planted.referral):
        openings.open_file(record, purpose=openings.Purpose.REVIEW, by=marta, now=timezone.now())
    found = crawl(marta, contact, planted, rooms=("cases", "reports", "referrals"))
    assert f"navigate /cases/{planted.case.pk}" in found
    assert f"navigate /reports/{planted.report.pk}" in found
    assert f"navigate /referrals/{planted.referral.pk}" in found


def test_what_was_handed_to_a_unit_is_its_liaisons_work(contact, planted):
    liaison = User.objects.get(role=Role.POLICE_LIAISON)
    assert f"navigate /reports/{planted.report.pk}" in crawl(liaison, contact, planted, rooms=("reports",))


def test_nor_of_what_one_closed_long_ago(contact):
    ana = User.objects.get(pk=contact.operator_id)
    long_ago = timezone.now() - openings.STILL_CURRENT
    Call.objects.update(state=State.ENDED)
    Contact.objects.update(state="wrapped", type="test")
    DataKey.objects.filter(pk=contact.key_id).update(closed_at=long_ago)
    assert crawl(ana, contact) == []
    assert looks(ana, contact) == 0


def test_once_it_is_said_the_same_crawl_finds_them(marta, contact):
    """The control."""
    openings.open_file(contact, purpose=openings.Purpose.REVIEW, by=marta, now=timezone.now())
    assert f"navigate /contacts/{contact.pk}" in crawl(marta, contact, rooms=("contacts",))
    assert looks(marta, contact) > 0


def test_a_page_that_forgets_to_ask_is_found(marta, contact, monkeypatch):
    """The control: as if whoever holds the key had said why."""
    monkeypatch.setattr(
        pages, "_reason_page", lambda request, it, *_: views._page(request, it, views.ConversationForm.of(it))
    )
    assert f"cors /contacts/{contact.pk}" in crawl(marta, contact, rooms=("contacts",))
    assert looks(marta, contact) > 0
