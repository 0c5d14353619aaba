from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.foundation.vault.models import DataKey, Grant, Token
from amparo.line.contacts.models import Contact, DataSubjectRequest, Draft, SafeContact
from amparo.line.contacts.picklists import Answer, Right
from amparo.line.contacts.rights import answer_deadline
from amparo.line.contacts.rules import answer_request, hold, lift_hold, receive_request
from amparo.line.switchboard.models import Message

from .conftest import NUMBER, counted


@pytest.fixture
def data_request(contact, filled_contact, message, ana, now):
    return receive_request(contact, Right.ERASE, by=ana, now=now)


def erase(request, by, now):
    return answer_request(request, Answer.DONE, code=request.contact_code.lower(), by=by, now=now)


@pytest.mark.parametrize(
    ("right", "until"),
    [(Right.READ_BACK, date(2026, 12, 23)), (Right.CORRECT, date(2026, 12, 9)), (Right.ERASE, date(2026, 12, 9))],
)
def test_the_clock_runs_in_working_days(right, until):
    assert answer_deadline(right, date(2026, 11, 25)) == until  # a Wednesday
    assert answer_deadline(right, date(2026, 11, 28)) == answer_deadline(right, date(2026, 11, 27))  # Saturday, Friday


def test_the_administrator_may_promise_to_be_quicker(settings):
    keep(LineSettings(answer_days=2))
    assert answer_deadline(Right.READ_BACK, date(2026, 11, 27)) == date(2026, 12, 1)


def test_a_request_is_noted_once_and_names_nobody(contact, filled_contact, ana, now):
    first = receive_request(contact, Right.READ_BACK, by=ana, now=now)
    assert receive_request(contact, Right.READ_BACK, by=ana, now=now + timedelta(days=3)) == first
    assert receive_request(contact, Right.ERASE, by=ana, now=now) != first
    assert (first.contact_number, first.answer) == (contact.number, "")
    assert "words" not in repr(first)


def test_only_the_shift_receives_and_only_supervisors_answer(data_request, contact, ana, rufino, stranger, now):
    for user in (rufino, stranger):
        with pytest.raises(Refused):
            receive_request(contact, Right.READ_BACK, by=user, now=now)
    with pytest.raises(Refused):
        erase(data_request, ana, now)
    with pytest.raises(Refused):
        hold(contact, "court", by=ana, now=now)
    assert Contact.objects.get().notes == "words"


def test_it_is_late_the_day_after_its_deadline(data_request, now):
    assert not data_request.is_late(now + timedelta(days=9))
    assert data_request.is_late(now + timedelta(days=20))


def test_erasing_leaves_what_is_counted_and_nothing_that_was_said(data_request, contact, marta, now):
    before = counted()
    erase(data_request, marta, now)
    assert counted() == before
    assert Contact.objects.get().notes is None
    assert Contact.objects.get().edits == {}
    assert not SafeContact.objects.exists()
    assert not Draft.objects.exists()
    assert Message.objects.values_list("number", "sound").get() == (None, None)
    assert not Grant.objects.exists()
    assert not Token.objects.exists()
    assert DataKey.objects.filter(forgotten_at=None).count() == 0
    assert not Contact.objects.visible_to(marta).exists()
    done = DataSubjectRequest.objects.get()
    assert (done.answer, done.answered_at, done.answered_by) == (Answer.DONE, now, marta)
    assert Entry.objects.get(what="erase").key == contact.key_id


def test_erasing_twice_changes_nothing(data_request, marta, now):
    erase(data_request, marta, now)
    assert erase(data_request, marta, now + timedelta(days=1)).answered_at == now


def test_to_erase_the_code_must_be_written(data_request, marta, now):
    with pytest.raises(Refused):
        answer_request(data_request, Answer.DONE, code="C-1", by=marta, now=now)
    answer_request(data_request, Answer.UNSURE, by=marta, now=now)
    assert Contact.objects.get().notes == "words"


def test_reading_back_erases_nothing(contact, filled_contact, ana, marta, now):
    answer_request(receive_request(contact, Right.READ_BACK, by=ana, now=now), Answer.DONE, by=marta, now=now)
    assert Contact.objects.get().notes == "words"


def test_what_is_held_is_not_erased_until_the_hold_is_lifted(data_request, contact, marta, now):
    hold(contact, "court", by=marta, now=now)
    with pytest.raises(Refused):
        erase(data_request, marta, now)
    assert Contact.objects.get().notes == "words"
    lift_hold(contact, by=marta, now=now)
    erase(data_request, marta, now)
    assert Contact.objects.get().notes is None


def test_the_database_refuses_it_too(contact, filled_contact, marta, now):
    hold(contact, "court", by=marta, now=now)
    with pytest.raises(IntegrityError, match="what_is_held_is_not_forgotten"), transaction.atomic():
        DataKey.objects.filter(pk=contact.key_id).update(forgotten_at=now)


def test_a_hold_needs_a_reason(contact, marta, now):
    with pytest.raises(Refused):
        hold(contact, "because", by=marta, now=now)


def test_a_card_made_while_the_contact_is_held_is_held_too(contact, write, marta, now):
    hold(contact, "court", by=marta, now=now)
    write(limits="yes", safe_number=NUMBER)
    assert Contact.objects.get().card.key.legal_hold == "court"


def test_the_pages(client, contact, data_request, ana, marta, now):
    client.force_login(ana)
    assert client.get(reverse("requests")).status_code == 404
    page = client.post(reverse("contacts-search"), {"number": NUMBER, "purpose": "calls_again"})
    assert contact.code in page.content.decode()
    assert NUMBER not in page.request["QUERY_STRING"]
    client.post(reverse("contact-requests", args=[contact.pk]), {"right": "correct"})
    client.force_login(marta)
    page = client.get(reverse("requests")).content.decode()
    assert page.count(f">{contact.code}</a>") == 2
    client.post(reverse("contact-open", args=[contact.pk]), {"purpose": "right"})
    client.post(reverse("contact-hold", args=[contact.pk]), {"why": "court"})
    refused = client.post(reverse("request-answer", args=[data_request.pk]), {"answer": "done", "code": contact.code})
    assert refused.status_code == 409
    client.post(reverse("contact-hold", args=[contact.pk]), {"why": ""})
    client.post(reverse("request-answer", args=[data_request.pk]), {"answer": "done", "code": contact.code})
    assert Contact.objects.get().notes is None
    assert client.get(reverse("contact", args=[contact.pk])).status_code == 404
    assert "se hizo" in client.get(reverse("requests"), headers={"Accept-Language": "es"}).content.decode()
