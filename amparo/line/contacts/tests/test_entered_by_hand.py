"""A walk-in, an e-mail, a sheet of paper: entered by hand, marked as a late entry with its own time."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import BY_HAND, Channel
from amparo.line.contacts.rules import enter_contact, save_draft, wrap_up
from amparo.line.switchboard.models import Call

HOUR, KEY = timedelta(hours=1), "b3f0a9c8-7f43-4a40-9a0e-3c8c0a2b6f10"


def enter(by, now, channel=Channel.WALK_IN, began=3, ended=2) -> Contact:
    return enter_contact(channel, now - began * HOUR, now - ended * HOUR, "es", by=by, now=now)


def test_a_late_entry_has_its_own_time_and_the_time_of_entry(ana, now):
    contact = enter(ana, now)
    assert (contact.started, contact.ended, contact.entered_late_at) == (now - 3 * HOUR, now - 2 * HOUR, now)
    assert (contact.channel, contact.operator, contact.call, contact.chat) == (Channel.WALK_IN, ana, None, None)
    assert Entry.objects.filter(what="enter_contact", user_id=ana.pk, key=contact.key_id).exists()


def test_a_late_entry_is_edited_and_closed_like_any_contact(ana, now):
    contact = enter(ana, now)
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes={"notes": "inventado"}, by=ana, now=now)
    closed = wrap_up(contact, type="information", key=uuid.uuid4(), by=ana, now=now)
    assert (closed.state, closed.ended) == ("wrapped", now - 2 * HOUR)


def test_a_supervisor_sees_it_and_a_colleague_does_not(ana, rufino, marta, now):
    contact = enter(ana, now)
    for user, sees in ((ana, True), (marta, True), (rufino, False)):
        with acting_as(user.acting()):
            assert Contact.objects.filter(pk=contact.pk).exists() == sees


@pytest.mark.parametrize(("began", "ended"), [(2, 3), (1, -1), (-2, -1), (24 * 400, 24 * 399)])
def test_it_was_in_the_past_year_and_ended_after_it_began(ana, now, began, ended):
    with pytest.raises(Refused):
        enter(ana, now, began=began, ended=ended)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("channel", sorted(set(Channel) - set(BY_HAND)))
def test_what_the_system_records_is_not_entered_by_hand(ana, now, channel):
    with pytest.raises(Refused):
        enter(ana, now, channel)


def test_only_users_who_take_calls_enter_contacts(stranger, now):
    with pytest.raises(Refused):
        enter(stranger, now)


def test_the_database_keeps_calls_apart_from_what_is_entered_by_hand(ana, now):
    contact, call = enter(ana, now), Call.objects.create(arrived_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(call=call)


def test_a_contact_is_entered_on_the_page(ana):
    client, now = Client(), timezone.localtime()
    client.force_login(ana)
    assert client.get("/contacts/enter").status_code == 200
    assert client.post("/contacts/enter", {}).status_code == 422
    began, ended = (f"{now - hours * HOUR:%d/%m/%Y %H:%M}" for hours in (3, 2))
    form = {"channel": "email", "started": began, "ended": ended, "language": "es"}
    assert client.post("/contacts/enter", form | {"ended": began, "started": ended}).status_code == 422
    made = client.post("/contacts/enter", form)
    assert made.status_code == 302
    assert made.headers["Location"].endswith("#id_notes"), "the cursor goes to the notes"
    page = client.get(made.headers["Location"]).content.decode()
    assert "Registro posterior" in page
    assert "registro posterior" in client.get("/contacts").content.decode()


def test_a_double_press_enters_one_contact_and_the_next_page_another(ana):
    client, now = Client(), timezone.localtime()
    client.force_login(ana)
    began, ended = (f"{now - hours * HOUR:%d/%m/%Y %H:%M}" for hours in (3, 2))
    typed = {"channel": "email", "started": began, "ended": ended, "language": "es"}
    first, again, other = (
        client.post("/contacts/enter", typed | {"page": key}) for key in (KEY, KEY, str(uuid.uuid4()))
    )
    assert first.headers["Location"] == again.headers["Location"] != other.headers["Location"]
    assert Contact.objects.count() == 2
    assert 'name="page" value="' in client.get("/contacts/enter").content.decode()
