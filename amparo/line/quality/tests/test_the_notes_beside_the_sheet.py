"""Who reviews reads the notes beside the sheet, after saying so; each look is in the ledger with its reason."""

import uuid

import pytest
from django.test import Client

from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact, save_draft, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rules import ask_for_review
from amparo.line.switchboard.models import Call, State

WORDS = "the thread shop behind the market"


@pytest.fixture
def noted(ana, now) -> Sample:
    """A conversation of today, with notes, that Ana wants reviewed."""
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=now)
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes={"notes": WORDS}, by=ana, now=now)
    contact = wrap_up(contact, type="information", key=uuid.uuid4(), by=ana, now=now)
    ask_for_review(contact, by=ana, now=now)
    with acting_as(ana.acting()):
        return Sample.objects.get(contact=contact)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looks(user, sample) -> list[str]:
    """The purposes for which this person read the contact."""
    found = Entry.objects.filter(user_id=user.pk, what="look", about=f"contact {sample.contact_id}")
    return [entry.purpose for entry in found.order_by("pk")]


def test_a_reviewer_says_so_before_the_notes_are_read(noted, marta):
    client, address = signed_in(marta), f"/quality/{noted.pk}"
    page = client.get(address).content.decode()
    assert "<fieldset" in page, "the sheet needs no reason"
    assert WORDS not in page
    assert looks(marta, noted) == []
    assert client.post(f"{address}/notes").headers["Location"] == address
    page = client.get(address).content.decode()
    assert WORDS in page
    assert "<fieldset" in page
    assert page.count('aria-labelledby="notes"') == 1, "no two landmarks have one name"
    assert looks(marta, noted) == [Purpose.REVIEW]


def test_the_reason_of_one_opens_nothing_for_another(noted, marta, nelly):
    signed_in(marta).post(f"/quality/{noted.pk}/notes")
    assert WORDS not in signed_in(nelly).get(f"/quality/{noted.pk}").content.decode()
    assert looks(nelly, noted) == []


def test_who_answered_works_on_it_and_is_not_asked(noted, ana):
    assert WORDS in signed_in(ana).get(f"/quality/{noted.pk}").content.decode()
    assert looks(ana, noted) == [""]


def test_a_colleague_reaches_neither_sheet_nor_notes(noted, rufino):
    client = signed_in(rufino)
    assert client.post(f"/quality/{noted.pk}/notes").status_code == 404
    assert client.get(f"/quality/{noted.pk}").status_code == 404
    assert looks(rufino, noted) == []


def test_a_wrong_sheet_comes_back_with_the_notes(noted, marta):
    client, address = signed_in(marta), f"/quality/{noted.pk}"
    client.post(f"{address}/notes")
    answer = client.post(f"{address}/review", {"safety": "3"})
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()


def test_forgotten_notes_are_gone_from_the_sheet_too(noted, marta):
    client, address = signed_in(marta), f"/quality/{noted.pk}"
    client.post(f"{address}/notes")
    with acting_as(marta.acting()):
        noted.contact.key.forget()
    assert WORDS not in client.get(address).content.decode()
