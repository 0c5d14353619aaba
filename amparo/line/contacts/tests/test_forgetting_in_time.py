"""Each class of record is forgotten a set time after it was closed. What figures count stays."""

import uuid
from datetime import timedelta

import pytest

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import DataKey, Retention
from amparo.foundation.vault.retention import destroy_due_keys
from amparo.foundation.vault.tasks import forget
from amparo.line.contacts.models import Contact
from amparo.line.contacts.return_code_rules import give_code
from amparo.line.contacts.rights import close_records
from amparo.line.contacts.rules import finish_message, hold, lift_hold, reopen, take_message, wrap_up
from amparo.line.switchboard.models import Message

from .conftest import counted


@pytest.fixture(autouse=True)
def kept(db):
    """Set the retention periods that the rooms declare, since another test may have emptied all tables."""
    Retention.objects.create_defaults()


def wrap(contact, by, now):
    return wrap_up(contact, type="information", key=uuid.uuid4(), by=by, now=now)


def kinds() -> set[str]:
    return set(DataKey.objects.filter(forgotten_at=None).values_list("kind", flat=True))


def test_the_card_goes_after_90_days_and_the_words_after_5_years(contact, filled_contact, ana, now):
    wrap(contact, ana, now)
    assert destroy_due_keys(now + timedelta(days=90)) == 0
    assert destroy_due_keys(now + timedelta(days=91)) == 1
    assert kinds() == {"contact"}
    assert Contact.objects.get().card is None
    assert Contact.objects.get().notes == "words"
    before = counted()
    assert destroy_due_keys(now + timedelta(days=5 * 365 + 1)) == 1
    assert Contact.objects.get().notes is None
    assert counted() == before


def test_deleting_a_record_is_logged(contact, filled_contact, ana, now):
    wrap(contact, ana, now)
    card = contact.card.key_id
    destroy_due_keys(now + timedelta(days=91))
    entry = Entry.objects.get(what="forget")
    assert (entry.role, entry.about, entry.key) == ("system/worker", f"card {card}", card)


def test_after_the_card_is_forgotten_another_can_be_written(contact, filled_contact, write, ana, now):
    wrap(contact, ana, now)
    destroy_due_keys(now + timedelta(days=91))
    reopen(contact, by=ana, now=now)
    write(limits="yes", safe_number="912 345 678")
    assert Contact.objects.get().card.number == "912 345 678"
    assert Contact.objects.get().card.key.closed_at is None


def test_nothing_of_an_open_contact_is_forgotten(contact, filled_contact, ana, now):
    wrap(contact, ana, now)
    reopen(contact, by=ana, now=now)
    assert destroy_due_keys(now + timedelta(days=4000)) == 0


def test_a_card_of_a_closed_contact_has_its_time_from_the_closing(contact, write, ana, now):
    write(limits="yes", notes="words")
    wrap(contact, ana, now)
    write(safe_number="987 654 321")
    assert Contact.objects.get().card.key.closed_at == now


def closed(contact) -> dict[str, object]:
    """When each record of the contact was closed, by its kind."""
    parts = (contact, contact.card, contact.return_codes.get())
    return {key.kind: key.closed_at for key in DataKey.objects.filter(pk__in=[part.key_id for part in parts])}


def test_the_card_and_the_return_code_close_and_open_with_the_contact(contact, filled_contact, ana, now):
    give_code(contact, by=ana, now=now)
    wrap(contact, ana, now)
    assert closed(contact) == {"contact": now, "card": now, "return": now}
    reopen(contact, by=ana, now=now)
    assert closed(contact) == {"contact": None, "card": None, "return": None}


def test_a_part_whose_key_a_colleague_lacks_stays_as_it_is(contact, filled_contact, ana, rufino, now):
    give_code(contact, by=ana, now=now)
    with acting_as(ana.acting()):
        Contact.objects.get(pk=contact.pk).key.give(rufino.acting().holders[0])
    with acting_as(rufino.acting()):
        close_records(contact, now)
    assert closed(contact) == {"contact": now, "card": None, "return": now}


def test_a_record_under_legal_hold_outlives_its_retention_period(contact, filled_contact, ana, marta, now):
    wrap(contact, ana, now)
    hold(contact, "complaint", by=marta, now=now)
    assert destroy_due_keys(now + timedelta(days=4000)) == 0
    lift_hold(contact, by=marta, now=now)
    assert destroy_due_keys(now + timedelta(days=4000)) == 2


def test_a_message_goes_90_days_after_it_was_answered(message, ana, now):
    take_message(message, by=ana, now=now)
    finish_message(message, by=ana, now=now)
    destroy_due_keys(now + timedelta(days=91))
    assert Message.objects.values_list("number", "sound", "done_at").get() == (None, None, now)


def test_a_job_that_somebody_wrote_for_a_far_day_forgets_nothing(contact, filled_contact, ana, now):
    """The job queue is a table that pages can write to, so its times are not trusted."""
    wrap(contact, ana, now)
    far = now + timedelta(days=4000)
    forget(int(far.timestamp()))
    assert Contact.objects.get().notes == "words"
    assert destroy_due_keys(far) == 2  # the control: on that day its time is over
