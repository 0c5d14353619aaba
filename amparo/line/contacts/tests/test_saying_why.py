"""Staff who do not work on a contact now must give a reason before they read it. Staff who do are not asked."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight import openings
from amparo.foundation.oversight.models import AccessReason
from amparo.foundation.oversight.openings import LASTS, STILL_CURRENT, open_file
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, start_callback

WORDS = "the thread shop behind the market"


@pytest.fixture
def filled_contact(write):
    write(limits="yes", notes=WORDS, safe_number="999 555 111", safe_wanted="yes", safe_any_hour="yes")


@pytest.fixture
def desk(client, marta, filled_contact) -> Client:
    client.force_login(marta)
    return client


def at(contact, page="contact"):
    return reverse(page, args=[contact.pk])


def looks(user) -> list[Entry]:
    return list(Entry.objects.filter(user_id=user.pk, what="look").order_by("pk"))


def why(user, contact, now) -> str | None:
    return Contact.objects.annotate(why=openings.purpose_of_reading(user, now)).get(pk=contact.pk).why


def closed(contact, now, ago: timedelta) -> None:
    DataKey.objects.filter(pk=contact.key_id).update(closed_at=now - ago)


def test_a_supervisor_is_asked_before_anything_is_read(desk, contact, marta):
    page = desk.get(at(contact)).content.decode()
    assert contact.code in page
    assert WORDS not in page
    assert page.count('name="purpose"') == len(Purpose)
    assert looks(marta) == []


def test_every_later_read_and_action_is_logged_with_the_reason(desk, contact, marta):
    assert desk.post(at(contact, "contact-open"), {"purpose": "complaint"}).url == at(contact)
    assert WORDS in desk.get(at(contact)).content.decode()
    desk.post(at(contact, "contact-requests"), {"right": "correct"})
    mine = Entry.objects.filter(user_id=marta.pk, key=contact.key_id)
    assert set(mine.values_list("what", flat=True)) == {"open_file", "look", "receive_request"}
    assert set(mine.values_list("purpose", flat=True)) == {"complaint"}


def test_the_file_of_the_operator_says_who_opened_it_and_why(desk, contact, ana):
    desk.post(at(contact, "contact-open"), {"purpose": "complaint"})
    desk.get(at(contact))
    desk.force_login(ana)
    page = desk.get(at(contact), {"language": "en"}, follow=True).content.decode()
    assert "supervisor, the hotline</b> because of a complaint: opened it, read it" in page


@pytest.mark.parametrize(
    "page", ["contact-wrap-up", "contact-reopen", "contact-link", "contact-requests", "contact-hold"]
)
@pytest.mark.parametrize("mode", ["navigate", "cors"])
def test_no_action_is_possible_in_a_file_that_is_not_open(desk, contact, marta, page, mode):
    fields = {"type": "test", "key": str(uuid.uuid4()), "code": "C-1", "right": "erase", "why": "court"}
    answer = desk.post(at(contact, page), fields, headers={"Sec-Fetch-Mode": mode})
    assert answer.status_code == 409
    assert "Primero indique el motivo de la consulta" in answer.content.decode()
    assert (looks(marta), Contact.objects.get().is_open, Contact.objects.get().key.legal_hold) == ([], True, "")


def test_a_script_saves_and_reads_nothing_either(desk, contact, marta):
    batch = {"key": str(uuid.uuid4()), "revision": 1, "based_on": 0, "changes": {"notes": "mine"}}
    cors = {"Sec-Fetch-Mode": "cors"}
    saved = desk.post(at(contact, "contact-draft"), json.dumps(batch), "application/json", headers=cors)
    read = desk.get(at(contact, "contact-draft"), headers=cors)
    assert (saved.status_code, read.status_code) == (409, 409)
    assert Contact.objects.get().notes == WORDS


@pytest.mark.parametrize("fields", [{}, {"purpose": ""}, {"purpose": "curiosity"}, {"purpose": "call"}])
def test_a_reason_is_one_of_the_list(desk, contact, fields):
    assert desk.post(at(contact, "contact-open"), fields).status_code == 409
    assert not AccessReason.objects.exists()


def test_an_access_reason_is_valid_for_a_shift_and_may_be_repeated(contact, filled_contact, marta, now):
    for purpose in (Purpose.REVIEW, Purpose.DANGER):
        open_file(contact, purpose=purpose, by=marta, now=now)
        now += timedelta(seconds=1)
    assert why(marta, contact, now) == "danger"
    assert why(marta, contact, now + LASTS) is None
    open_file(contact, purpose=Purpose.CARE, by=marta, now=now + LASTS)
    assert AccessReason.objects.count() == 1  # expired reasons are deleted; the audit log has them


def test_an_access_reason_is_valid_for_its_author_only(contact, filled_contact, marta, ana, now):
    closed(contact, now, STILL_CURRENT + timedelta(days=1))
    open_file(contact, purpose=Purpose.REVIEW, by=marta, now=now)
    assert why(ana, contact, now) is None


def test_who_does_not_hold_the_key_opens_nothing(client, contact, rufino, stranger, now):
    for user in (rufino, stranger):
        with pytest.raises(Refused):
            open_file(contact, purpose=Purpose.CARE, by=user, now=now)
    client.force_login(rufino)
    assert client.post(at(contact, "contact-open"), {"purpose": "care"}).status_code == 404
    assert not AccessReason.objects.exists()


def test_current_work_needs_no_reason_and_is_not_counted(client, contact, filled_contact, ana, now):
    client.force_login(ana)
    assert WORDS in client.get(at(contact)).content.decode()
    client.post(at(contact, "contact-open"), {"purpose": "review"})
    assert not Entry.objects.filter(what="open_file").exists()
    assert {entry.purpose for entry in looks(ana)} == {""}


def test_a_contact_closed_long_ago_is_not_current_work(contact, filled_contact, ana, now):
    closed(contact, now, STILL_CURRENT - timedelta(minutes=1))
    assert why(ana, contact, now) == ""
    closed(contact, now, STILL_CURRENT)
    assert why(ana, contact, now) is None


def test_a_supervisor_who_joins_a_call_is_asked_nothing(call, contact, filled_contact, marta, now):
    call.operators.append(marta.pk)
    call.save()
    open_contact(call, by=marta, now=now)
    assert why(marta, contact, now) == ""


def test_who_calls_somebody_back_is_asked_nothing_however_long_ago_it_was(contact, filled_contact, marta, rufino, now):
    closed(contact, now, timedelta(days=60))
    for user in (marta, rufino):
        start_callback(contact.pk, by=user, now=now)
        assert why(user, contact, now) == "care"
    assert not Entry.objects.filter(what="open_file").exists()


def test_calling_back_who_did_not_ask_opens_nothing(contact, filled_contact, write, marta, now):
    """Otherwise a supervisor, who holds every key, could read without a reason by pretending to call back."""
    write(safe_wanted="")
    with pytest.raises(Refused):
        start_callback(contact.pk, by=marta, now=now)
    assert why(marta, contact, now) is None


def test_who_found_it_for_a_reason_opens_it_by_one_press(desk, contact, marta):
    page = desk.post(reverse("contacts-search"), {"number": "999555111", "purpose": "right"}).content.decode()
    assert f'action="{at(contact, "contact-open")}"' in page
    assert 'name="purpose" value="right"' in page


def test_nobody_writes_an_opening_for_somebody_else(contact, filled_contact, ana, marta, now):
    mine = {"key_id": contact.key_id, "purpose": "care", "at": now, "until": now + LASTS}
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        AccessReason.objects.create(user=marta, **mine)
