"""Who follows a case and takes no calls reads the notes of its calls."""

import uuid

import pytest
from django.test import Client

from amparo.care.cases.rules import open_case
from amparo.foundation.audit.models import Entry
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, save_draft
from amparo.line.switchboard.models import Call, State

WORDS = "Dice que la tienda de hilos está detrás del mercado."


def get(user, path):
    client = Client()
    client.force_login(user)
    return client.get(path)


@pytest.fixture
def written(contact, team, ana, now) -> Contact:
    version = Contact.objects.get(pk=contact.pk).version
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=version, changes={"notes": WORDS}, by=ana, now=now)
    return contact


def test_the_history_leads_a_case_worker_to_the_notes(written, team, ines):
    path = f"/cases/{team.pk}/contacts/{written.pk}"
    assert path in get(ines, f"/cases/{team.pk}").content.decode()
    page = get(ines, path)
    assert (page.status_code, WORDS in page.content.decode()) == (200, True)
    assert "<textarea" not in page.content.decode()


def test_an_operator_is_led_to_the_contact_itself(written, team, ana):
    assert f'href="/contacts/{written.pk}"' in get(ana, f"/cases/{team.pk}").content.decode()


def test_the_ledger_says_who_read_the_notes(written, team, ines):
    readings = Entry.objects.filter(key=written.key_id, user_id=ines.pk)
    before = readings.count()
    get(ines, f"/cases/{team.pk}/contacts/{written.pk}")
    assert readings.count() == before + 1


def test_a_contact_of_another_case_is_not_found(written, team, ana, ines, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk], language="es")
    other_contact = open_contact(call, by=ana, now=now)
    other = open_case(other_contact, by=ana, now=now)
    assert get(ines, f"/cases/{team.pk}/contacts/{other_contact.pk}").status_code == 404
    assert get(ana, f"/cases/{team.pk}/contacts/{other_contact.pk}").status_code == 404
    assert get(ana, f"/cases/{other.pk}/contacts/{other_contact.pk}").status_code == 200  # the control


def test_who_is_not_on_the_team_reads_nothing(written, team, stranger):
    assert get(stranger, f"/cases/{team.pk}/contacts/{written.pk}").status_code == 404
