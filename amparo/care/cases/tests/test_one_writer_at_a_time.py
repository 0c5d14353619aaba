"""A form sent to a case locks the case first: one writer at a time."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, change_case, remove_member, write_note
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import hand_on, take_handed_on
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import save_draft


@pytest.fixture
def browser(ana) -> Client:
    return browser_of(ana)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_form_locks_its_case_first(browser, case):
    with CaptureQueriesContext(connection) as queries:
        assert browser.post(f"/cases/{case.pk}/notes", {"words": "invented"}).status_code == 302
    reads = [each["sql"] for each in queries if 'FROM "cases_case"' in each["sql"]]
    assert all(" FOR " in sql and "SKIP LOCKED" in sql for sql in reads)
    assert len(reads) == 1


def test_a_save_of_a_contact_reads_it_once(browser, contact):
    sent = {"key": str(uuid.uuid4()), "revision": 1, "based_on": 0, "changes": {"notes": "what Ana wrote"}}
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(f"/contacts/{contact.pk}/draft", sent, content_type="application/json")
    assert answer.status_code == 200
    [read] = [each["sql"] for each in queries if 'FROM "contacts_contact"' in each["sql"]]
    assert "FOR UPDATE" in read


def test_who_opens_a_case_reads_its_contact_once(browser, contact):
    with CaptureQueriesContext(connection) as queries:
        assert browser.post(f"/cases/from/{contact.pk}")["Location"] == f"/cases/{Case.objects.get().pk}"
    [read] = [each["sql"] for each in queries if 'FROM "contacts_contact"' in each["sql"]]
    assert "FOR UPDATE" in read


def test_what_a_page_has_locked_is_handed_to_one_action_of_its_person_alone(case, ana, ines, now):
    with acting_as(ana.acting()):
        row = Case.objects.visible_to(ana).get_locked(case.pk)
        hand_on(row)
        row.situation = "what the page does with it"
        first, second = (Case.objects.visible_to(ana).lock(row) for _ in range(2))
        hand_on(row)
    assert (first is row, first.situation, hasattr(first, "handed_on")) == (False, None, False)
    assert (second.pk, take_handed_on(row)) == (case.pk, None)
    with acting_as(ana.acting()):
        hand_on(row)
        with acting_as(ines.acting()):
            assert take_handed_on(row) is None


def test_an_action_does_not_change_the_row_object_of_the_page(case, ana, now):
    with acting_as(ana.acting()):
        row = Case.objects.visible_to(ana).get(pk=case.pk)
        changed = change_case(row, based_on=0, situation="what Ana wrote", by=ana, now=now)
        assert (row.situation, changed.situation) == (None, "what Ana wrote")


def test_an_action_does_not_change_the_contact_object_of_the_page(contact, ana, now):
    with acting_as(ana.acting()):
        row = Contact.objects.visible_to(ana).get(pk=contact.pk)
        sent = {"key": uuid.uuid4(), "revision": 1, "based_on": 0, "changes": {"notes": "what Ana wrote"}}
        assert save_draft(row, **sent, by=ana, now=now).version == 1
        assert (row.version, row.edits) == (0, {})
    assert Contact.objects.get().edits.keys() == {"notes"}


def test_a_user_without_the_key_gets_not_found(case, stranger):
    assert browser_of(stranger).post(f"/cases/{case.pk}/notes", {"words": "invented"}).status_code == 404


def test_a_supervisor_is_asked_why_before_anything_is_done(case, marta):
    before = case.entries.count()
    assert browser_of(marta).post(f"/cases/{case.pk}/notes", {"words": "invented"}).status_code == 409
    assert case.entries.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_who_save_the_same_field_at_once_are_not_both_told_that_it_was_kept(ana, ines, case, fresh, now):
    add_member(case, ines, by=ana, now=now)
    path = f"/cases/{case.pk}/situation"

    def save(user) -> int:
        sent = {"situation": f"what {user.username} wrote", "urgency": "soon", "based_on": 0}
        try:
            return browser_of(user).post(path, sent).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(save, [ana, ines]))
    assert answers == [302, 422]
    assert fresh().version == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sent_to", ["notes", "situation", "take"])
def test_who_leaves_the_team_while_she_waits_for_the_case_reads_that_it_is_not_here(ana, ines, case, now, sent_to):
    add_member(case, ines, by=ana, now=now)

    def send() -> int:
        sent = {"words": "invented", "situation": "invented", "urgency": "soon", "based_on": 0}
        try:
            return browser_of(ines).post(f"/cases/{case.pk}/{sent_to}", sent).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with acting_as(ana.acting()):
            remove_member(case, ines, by=ana, now=now)
            answer = other.submit(send)
            while not (somebody_waits() or answer.done()):
                pass
        assert answer.result() == 404


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where not granted)")
        return cursor.fetchone()[0]


@action(permissions.follow_cases, label="invented")
def write_two_notes(case: Case, *, by: User, now: datetime) -> None:
    """An action of two actions, the second of which is refused."""
    write_note(case, "invented", by=by, now=now)
    write_note(case, " ", by=by, now=now)


@action(permissions.follow_cases, label="invented")
def write_on_after_a_refusal(case: Case, *, by: User, now: datetime) -> None:
    with suppress(Refused):
        write_note(case, " ", by=by, now=now)
    write_note(case, "invented", by=by, now=now)


def test_a_verb_that_is_refused_within_another_takes_both_along(case, ana, now):
    before = case.entries.count()
    with acting_as(ana.acting()):
        with pytest.raises(Refused):
            write_two_notes(case, by=ana, now=now)
        assert case.entries.count() == before  # and its page goes on
        write_note(case, "invented", by=ana, now=now)
        assert case.entries.count() == before + 1


def test_a_verb_that_would_go_on_after_one_that_was_refused_is_stopped(case, ana, now):
    before = case.entries.count()
    with acting_as(ana.acting()):
        with pytest.raises(TransactionManagementError):
            write_on_after_a_refusal(case, by=ana, now=now)
        assert case.entries.count() == before
