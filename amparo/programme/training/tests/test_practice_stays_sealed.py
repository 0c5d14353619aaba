"""A practice contact is planted with a mark and looked for everywhere: figures, searches, lists, exports, cases.

Each search has a control: a conversation with a person, planted in the same way, is found.
"""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.care.cases.models import CaseContact
from amparo.care.cases.rules import include_contact, open_case
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.rules import count_months, newest_countable_quarter
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Retention
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.contacts.return_code_rules import give_code
from amparo.line.contacts.rules import (
    open_contact,
    receive_request,
    reopen,
    safe_number,
    save_draft,
    search_number,
    wrap_up,
)
from amparo.line.switchboard.models import Call
from amparo.programme.training.rules import begin_practice
from amparo.screens.administration.keeping import retention_states
from amparo.screens.desk import queue

from .conftest import COURSE, NOTED, practise

NUMBER = "987654321"
CARD = {"privacy_choice": "confidential", "safe_number": NUMBER, "safe_any_hour": "yes", "safe_wanted": "yes"}


@pytest.fixture
def practised(ana, now) -> Contact:
    return practise(ana, now, noted={**NOTED, **CARD})[1]


@pytest.fixture
def real(ana, now) -> Contact:
    """The control: a conversation with a person, with the same notes and the same number."""
    call = Call.objects.create(arrived_at=now, answered_at=now, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=now)
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes={**NOTED, **CARD}, by=ana, now=now)
    return wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=now + timedelta(minutes=6))


def contacts_seen_by(user: User) -> set:
    with acting_as(user.acting()):
        return set(Contact.objects.values_list("pk", flat=True))


def page(user: User, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def test_postgresql_shows_it_to_the_trainee_alone(practised, real, ana, rufino, marta):
    assert contacts_seen_by(ana) == {practised.pk, real.pk}
    assert contacts_seen_by(marta) == {real.pk}
    assert contacts_seen_by(rufino) == set()
    with acting_as(marta.acting()):
        assert not Chat.objects.exists()
    with acting_as(WORKER):
        assert set(Contact.objects.values_list("pk", flat=True)) == {real.pk}


def test_it_is_counted_in_no_figure(ana, paula):
    quarter: Quarter = newest_countable_quarter(timezone.now())
    within = quarter.ends - timedelta(days=40)
    practise(ana, within)
    assert count_months(quarter, by=paula, now=timezone.now()).counts == {}
    call = Call.objects.create(arrived_at=within, answered_at=within, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=within)
    wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=within + timedelta(minutes=6))
    assert count_months(quarter, by=paula, now=timezone.now()).counts != {}


def test_no_list_and_no_search_finds_it(practised, real, ana, marta, now):
    for user in (ana, marta):
        found = page(user, "/contacts")
        assert real.code in found
        assert practised.code not in found
        assert search_number(NUMBER, purpose="calls_again", by=user, now=now) == [real]
    client = Client()
    client.force_login(marta)
    assert [client.get(f"/find/{it.code}").status_code for it in (real, practised)] == [302, 404]
    with acting_as(marta.acting()):
        assert not Contact.objects.filter(number=practised.number).exists()


def test_a_supervisors_own_practice_is_in_none_of_her_lists(marta, now):
    _practice, contact = practise(marta, now)
    reopen(contact, by=marta, now=now)
    wrap_up(contact, type="crisis", hard_call="talk", key=uuid.uuid4(), by=marta, now=now)
    with acting_as(marta.acting()):
        assert not Contact.objects.visible_to(marta).hard_calls_waiting().exists()
    for address in ("/contacts", "/home", "/wallboard"):
        assert contact.code not in page(marta, address)
    client = Client()
    client.force_login(marta)
    assert client.get(f"/find/{contact.code}").status_code == 404


def test_nobody_calls_an_invented_person_back(practised, real, ana, rufino, marta, now):
    for user in (ana, rufino, marta):
        with acting_as(user.acting()):
            assert [each.card.contact_id for each in queue.people_to_call_back(now) if each.card] == [real.pk]
    with acting_as(rufino.acting()):
        assert SafeContact.objects.filter(contact=real).exists()
        assert not SafeContact.objects.filter(contact=practised).exists()
    with pytest.raises(Refused):
        safe_number(practised, by=ana, now=now)


def test_it_waits_in_nobody_elses_queue(ana, rufino, marta, now):
    begin_practice(COURSE, by=ana, now=now)
    for user, number in ((ana, 1), (rufino, 0), (marta, 0)):
        with acting_as(user.acting()):
            assert queue.chats_for(user).number == number


def periods_running() -> dict[str, int]:
    """What administrators read: how many records of each class are closed."""
    return {each.kind: each.closed for each in retention_states(timezone.now())}


def test_administrators_count_it_with_no_records_of_people(ana, now, request):
    Retention.objects.create_defaults()
    before = periods_running()
    practise(ana, now, noted={**NOTED, **CARD})
    assert periods_running() == before | {"practice": before["practice"] + 3}, "chat, contact and card"
    request.getfixturevalue("real")
    after = periods_running()
    assert (after["contact"], after["card"]) == (before["contact"] + 1, before["card"] + 1), "control"


def test_it_becomes_no_case_no_code_and_no_request(practised, real, ana, now):
    case = open_case(real, by=ana, now=now)
    for refused in (
        lambda: open_case(practised, by=ana, now=now),
        lambda: include_contact(case, practised, by=ana, now=now),
        lambda: give_code(practised, by=ana, now=now),
        lambda: receive_request(practised, "erase", by=ana, now=now),
    ):
        with pytest.raises(Refused):
            refused()
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        CaseContact.objects.create(contact=practised, case=case, key=case.key)
    assert give_code(real, by=ana, now=now)


def test_a_conversation_with_a_person_is_linked_to_none(practised, real, ana):
    with acting_as(ana.acting()), connection.cursor() as cursor:
        cursor.execute("select count(*) from contacts_by_number(%s, %s)", [practised.number, real.pk])
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from contacts_by_number(%s, %s)", [real.number, real.pk])
        assert cursor.fetchone() == (1,)


def test_staff_begin_no_chat_but_their_own_practice(practised, ana, rufino, now):
    with acting_as(ana.acting()):
        chat = Chat.objects.select_related("key").get()
    for practice_of in (None, rufino):
        with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
            Chat.objects.create(
                key=chat.key, begun_at=now, turn_at=now, entered_at=now, seen_at=now, practice_of=practice_of
            )
