"""A contact shows who opened it and why, to those who may open it. The auditor reads log entries but no contact."""

import pytest
from django.test import Client

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.rules import entries_about, entries_before
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact


def page(user, contact) -> str:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    client.post(f"/contacts/{contact.pk}/open", {"purpose": "review"})
    answer = client.get(f"/contacts/{contact.pk}", {"language": "en"}, follow=True)
    return answer.content.decode() if answer.status_code == 200 else ""


def who_opened(html: str) -> str:
    return html.partition('class="part who-opened"')[2].partition("</section>")[0]


def test_the_supervisor_who_read_it_stands_in_the_file_of_the_operator(contact, write, ana, marta):
    write(notes="She asks for a lawyer.")
    assert page(marta, contact)
    log = who_opened(page(ana, contact))
    assert "supervisor, the hotline</b> to review the quality: opened it" in log
    assert "operator, the hotline" in log
    assert "read it" in log


def test_it_names_roles_and_no_colleague_and_no_words(contact, write, ana, marta):
    write(notes="She asks for a lawyer.")
    page(marta, contact)
    log = who_opened(page(ana, contact))
    assert log
    assert not any(word in log for word in ("Marta", "Ana", "lawyer"))


def test_many_looks_of_one_hour_are_one_line(contact, write, ana):
    write(notes="She asks for a lawyer.")
    for _ in range(3):
        log = who_opened(page(ana, contact))
    assert log.count("read it") == 1


def test_a_look_at_the_safe_contact_is_told_apart(contact, write, ana):
    write(limits="yes", privacy_choice="share")
    write(safe_number="987654321", safe_who="only her")
    assert "read the safe contact" in who_opened(page(ana, contact))


def test_who_may_not_open_the_file_reads_nothing_of_its_entries(contact, write, ana, rufino):
    write(notes="She asks for a lawyer.")
    assert page(rufino, contact) == ""
    with acting_as(rufino.acting()):
        assert entries_about([contact.key_id]) == []
    with acting_as(ana.acting()):
        assert entries_about([contact.key_id]) != []


@pytest.fixture
def auditor(db) -> User:
    return User.objects.create(username="vera", role=Role.AUDITOR)


def test_the_auditor_reads_every_entry_and_no_file(contact, write, auditor):
    write(notes="She asks for a lawyer.")
    with acting_as(auditor.acting()):
        assert {entry.what for entry in entries_before()} >= {"open_contact", "save_draft"}
        assert not Contact.objects.exists()
    assert page(auditor, contact) == ""
