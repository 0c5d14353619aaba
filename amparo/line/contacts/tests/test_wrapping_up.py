import uuid

import pytest
from django.db import IntegrityError, transaction

from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Type
from amparo.line.contacts.rules import reopen, wrap_up


def close(contact, by, now, type=Type.SILENT, key=None):
    return wrap_up(contact, type=type, key=key or uuid.uuid4(), by=by, now=now)


@pytest.mark.parametrize("type", [Type.SILENT, Type.HANG_UP, Type.WRONG_NUMBER, Type.TEST, Type.CRISIS])
def test_only_the_type_is_needed(contact, ana, now, fresh, type):
    close(contact, ana, now, type)
    assert not fresh().is_open
    assert fresh().type == type
    assert fresh().ended == now


def test_an_anonymous_contact_is_complete_without_any_personal_datum(contact, ana, now, write, fresh):
    write(privacy_choice="anonymous")
    close(contact, ana, now, Type.INFORMATION)
    assert not fresh().is_open
    assert fresh().card is None
    assert fresh().notes is None


def test_the_same_key_closes_once_even_after_it_was_opened_again(contact, ana, now, fresh):
    key = uuid.uuid4()
    close(contact, ana, now, key=key)
    close(contact, ana, now, key=key)
    reopen(contact, by=ana, now=now)
    close(contact, ana, now, key=key)  # delivered late by the network
    assert fresh().is_open


def test_another_page_cannot_change_the_type_without_reopening(contact, ana, now, fresh):
    close(contact, ana, now, Type.CRISIS)
    with pytest.raises(Refused):
        close(contact, ana, now, Type.TEST)
    assert fresh().type == Type.CRISIS


def test_a_closed_contact_is_opened_and_closed_again(contact, ana, now, fresh):
    close(contact, ana, now, Type.SILENT)
    reopen(contact, by=ana, now=now)
    reopen(contact, by=ana, now=now)
    close(contact, ana, now, Type.CRISIS)
    assert fresh().type == Type.CRISIS


def test_words_that_come_late_are_kept_in_a_closed_contact(contact, ana, now, write, fresh):
    close(contact, ana, now)
    write(notes="her last words")
    assert fresh().notes == "her last words"
    with pytest.raises(Refused):
        write(type="")


def test_a_stranger_cannot_close_or_open_it(contact, rufino, now, fresh):
    for verb in (lambda: close(contact, rufino, now), lambda: reopen(contact, by=rufino, now=now)):
        with pytest.raises(Refused):
            verb()
    assert fresh().is_open


def test_an_unknown_type_is_refused(contact, ana, now):
    with pytest.raises(Refused):
        close(contact, ana, now, "nonsense")


def test_the_database_refuses_a_closed_contact_without_a_type(contact):
    with pytest.raises(IntegrityError, match="a_wrapped_contact_has_a_type"), transaction.atomic():
        Contact.objects.update(state="wrapped")
