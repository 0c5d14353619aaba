"""P6: every look at a file is in the ledger before the data leaves; a ledger that refuses means 503 and not a byte."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import change_case, open_case
from amparo.care.exchange.rules import export_all
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core import actor
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.refusal import Unreachable
from amparo.foundation.vault import fields
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import safe_number, save_draft

from .access import colleague, contact_of

WORDS = "the thread shop by the river"

pytestmark = pytest.mark.django_db(transaction=True)  # what a transaction does at its end is part of the promise


@pytest.fixture
def ana(db) -> User:
    return colleague("ana")


@pytest.fixture
def contact(ana) -> Contact:
    return contact_of(ana, notes=WORDS)


@pytest.fixture
def browser(ana) -> Client:
    client = Client(headers={"Sec-Fetch-Mode": "cors"}, raise_request_exception=False)
    client.force_login(ana)
    return client


@contextlib.contextmanager
def broken(how: str) -> Iterator[None]:
    """The ledger refuses, as the database would say it."""
    make, mend = {
        "the table takes nothing": (
            "alter table audit_entry add constraint shut check (false) not valid",
            "alter table audit_entry drop constraint shut",
        ),
        "the function is gone": (
            "alter function audit.append(text, text, text[], uuid) rename to away",
            "alter function audit.away(text, text, text[], uuid) rename to append",
        ),
        "only the commit fails": (
            """create function audit.fail() returns trigger language plpgsql as
               'begin raise exception using errcode = ''53100''; end';
               create constraint trigger late after insert on audit_entry
               deferrable initially deferred for each row execute function audit.fail()""",
            "drop trigger late on audit_entry; drop function audit.fail()",
        ),
    }[how]
    with connection.cursor() as cursor:
        cursor.execute(make)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(mend)


HOW = ("the table takes nothing", "the function is gone", "only the commit fails")


def left(body: bytes, contact: Contact) -> list[str]:
    """What of the case is in an answer."""
    marks = (WORDS, contact.code, str(contact.pk), str(contact.key_id))
    return [mark for mark in marks if mark.encode() in body]


def looks_at(contact: Contact) -> list[Entry]:
    return list(Entry.objects.filter(what="look", key=contact.key_id).order_by("pk"))


def test_who_opens_a_file_is_written_down_with_what_and_why(browser, ana, contact):
    before = len(looks_at(contact))
    answer = browser.get(f"/contacts/{contact.pk}")
    assert answer.status_code == 200
    assert left(answer.content, contact)
    entry = looks_at(contact)[before]
    assert (entry.user_id, entry.agency_id, entry.role) == (ana.pk, ana.agency_id, "hotline/operator")
    assert entry.about == f"contact {contact.pk}"
    assert "notes" in entry.fields


@pytest.mark.parametrize("how", HOW)
def test_a_ledger_that_refuses_lets_no_byte_of_a_case_out(browser, contact, how):
    with broken(how):
        answer = browser.get(f"/contacts/{contact.pk}")
    assert answer.status_code == 503
    assert left(answer.content, contact) == []


@pytest.mark.parametrize("how", HOW)
def test_a_ledger_that_refuses_lets_no_deed_be_done(browser, contact, how):
    with broken(how):
        answer = browser.post(f"/contacts/{contact.pk}/reopen")
        assert answer.status_code == 503
        answer = browser.post(f"/contacts/{contact.pk}/wrap-up", {"type": "crisis", "key": contact.pk})
    assert answer.status_code == 503
    assert Contact.objects.get(pk=contact.pk).is_open


@pytest.mark.parametrize("how", ["the table takes nothing", "only the commit fails"])
def test_a_ledger_that_refuses_lets_no_case_leave(ana, contact, how):
    """The control: when it is mended, the case is in the file, and in the ledger."""
    case, marta = open_case(contact, by=ana, now=timezone.now()), colleague("marta", Role.SUPERVISOR)
    arguments = {"purpose": Purpose.REVIEW, "by": marta, "now": timezone.now()}
    with broken(how), pytest.raises((Unreachable, DatabaseError)):
        next(export_all(**arguments))
    assert not Entry.objects.filter(what="export_case").exists()
    assert len(list(export_all(**arguments))) == Entry.objects.filter(what="export_case", key=case.key_id).count() == 1


def save(contact: Contact, ana: User, page: int, revision: int, **changes: str) -> list[Entry]:
    """What the ledger says of it, in order."""
    last, key, version = Entry.objects.latest("pk").pk, uuid.UUID(int=page), Contact.objects.get(pk=contact.pk).version
    arguments = {"key": key, "revision": revision, "based_on": version, "changes": changes}
    save_draft(contact, **arguments, by=ana, now=timezone.now())
    return list(Entry.objects.filter(pk__gt=last).order_by("pk"))


def test_what_a_verb_opens_of_its_file_stands_in_its_own_entry(ana, contact):
    [entry] = save(contact, ana, 1, 1, notes="she called again")
    assert (entry.what, entry.about, entry.key) == ("save_draft", f"contact {contact.pk}", contact.key_id)
    assert entry.fields == ["notes"]
    [blind] = save(contact, ana, 1, 2, language="qu")  # the control: what is not opened is not said to be
    assert blind.fields == []


def test_what_a_page_types_itself_is_opened_by_nobody(ana, contact):
    save(contact, ana, 1, 1, limits="yes", safe_number="+5190", notes="she")
    [entry] = save(contact, ana, 1, 2, safe_number="+51900123456", notes="she called again")
    assert (entry.what, entry.fields) == ("save_draft", [])
    looked, saved = save(contact, ana, 2, 1, safe_number="+51900123457", notes="she called")  # another page compares
    assert (looked.about, saved.fields) == (f"safecontact {contact.pk}", ["notes"])
    fresh = Contact.objects.select_related("key").get(pk=contact.pk)
    assert (fresh.notes, fresh.card.number) == ("she called", "+51900123457")


def test_what_a_verb_opens_under_another_key_is_told_in_that_file(ana, contact):
    save(contact, ana, 1, 1, limits="yes", safe_number="+51900123456")
    looked, saved = save(contact, ana, 2, 1, safe_number="+51900123457")
    assert (looked.what, looked.about, looked.fields) == ("look", f"safecontact {contact.pk}", ["number"])
    assert (looked.key, saved.key) == (contact.card.key_id, contact.key_id)
    assert (saved.what, saved.fields) == ("save_draft", [])


@pytest.mark.parametrize("page", [contextlib.nullcontext, lambda ana: acting_as(ana.acting())])
def test_what_a_verb_opened_is_told_where_it_is_refused(ana, contact, page):
    """The refusal shows the words of somebody else, to be compared."""
    case = open_case(contact, by=ana, now=timezone.now())
    change_case(case, based_on=0, situation=WORDS, by=ana, now=timezone.now())
    last = Entry.objects.latest("pk").pk
    with page(ana), pytest.raises(EditConflict) as refused:
        change_case(case, based_on=0, situation="another", by=ana, now=timezone.now())
    [look] = Entry.objects.filter(pk__gt=last)
    assert refused.value.theirs == WORDS
    assert (look.what, look.about, look.fields, look.key) == ("look", f"case {case.pk}", ["situation"], case.key_id)


@pytest.mark.parametrize("how", HOW)
def test_a_ledger_that_refuses_lets_no_word_out_of_a_verb(ana, contact, how):
    save(contact, ana, 1, 1, limits="yes", safe_number="+51900123456", safe_any_hour="yes")
    with broken(how), pytest.raises((Unreachable, DatabaseError)):
        safe_number(contact, by=ana, now=timezone.now())
    assert safe_number(contact, by=ana, now=timezone.now())  # the control


def test_a_look_that_is_not_written_down_would_be_found(browser, contact, monkeypatch):
    """The control: take the entry away, and the same checks see the words leave."""
    monkeypatch.setattr(fields, "append", lambda *what, **more: None)
    before = len(looks_at(contact))
    with broken("the table takes nothing"):
        answer = browser.get(f"/contacts/{contact.pk}")
    assert answer.status_code == 200
    assert WORDS in left(answer.content, contact)
    assert len(looks_at(contact)) == before


def test_only_a_telephones_secret_is_read_without_an_entry():
    silent = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, fields.SealedBytes) and not field.in_ledger
    }
    assert silent == {"Seat.phone_secret"}


def test_who_reads_what_was_loaded_after_the_transaction_is_refused(ana, contact, monkeypatch):
    """In a process of ours, where somebody always acts: what was fetched in time is not opened too late."""
    with acting_as(ana.acting()):
        late = Contact.objects.select_related("key").prefetch_related("key__grants").get(pk=contact.pk)
    monkeypatch.setattr(actor.settings, "ENVIRONMENT", replace(actor.settings.ENVIRONMENT, process="web"))
    with pytest.raises(Unreachable):
        _ = late.notes


def test_who_may_not_open_it_leaves_no_entry(contact):
    stranger = colleague("rufino", Role.OPERATOR)
    client = Client()
    client.force_login(stranger)
    before = Entry.objects.count()
    assert client.get(f"/contacts/{contact.pk}").status_code == 404
    assert Entry.objects.count() == before
