from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import link, open_contact
from amparo.line.contacts.summaries import earlier_contacts as earlier_than
from amparo.line.contacts.summaries import predecessor
from amparo.line.switchboard.models import Call


@pytest.fixture
def before(rufino, now):
    """Create an earlier contact of a colleague, by default with the same caller."""

    def before(pseudonym=b"p" * 16, days=1):
        then = now - timedelta(days=days)
        call = Call.objects.create(arrived_at=then, answered_at=then, operators=[rufino.pk], pseudonym=pseudonym)
        return open_contact(call, by=rufino, now=then)

    return before


def test_earlier_contacts_of_the_same_caller_are_found_newest_first(contact, call, ana, before):
    older, newer = before(days=2), before(days=1)
    before(pseudonym=b"q" * 16)
    with acting_as(ana.acting()):
        assert [outline.pk for outline in earlier_than(call)] == [newer.pk, older.pk]


def test_users_who_take_no_calls_see_no_earlier_contacts(contact, call, before, stranger):
    before()
    with acting_as(stranger.acting()):
        assert earlier_than(call) == []


def test_callers_without_a_pseudonym_have_nothing_in_common(ana, now, before):
    before(pseudonym=None)
    call = Call.objects.create(arrived_at=now, operators=[ana.pk])
    with acting_as(ana.acting()):
        assert earlier_than(call) == []


def test_a_contact_goes_on_from_an_earlier_one_of_the_same_caller(contact, ana, now, before, fresh):
    earlier = before()
    link(contact, earlier.number, by=ana, now=now)
    assert fresh().follows == earlier
    with acting_as(ana.acting()):
        assert predecessor(fresh()).code == earlier.code


def test_linking_does_not_open_the_words_of_the_earlier_one(contact, ana, now, before):
    earlier = before()
    link(contact, earlier.number, by=ana, now=now)
    assert not Contact.objects.visible_to(ana).filter(pk=earlier.pk).exists()


def test_a_stranger_to_either_cannot_link(contact, ana, rufino, now, before):
    unrelated = before(pseudonym=b"q" * 16)
    with pytest.raises(Refused):
        link(contact, unrelated.number, by=ana, now=now)
    with pytest.raises(Refused):
        link(contact, unrelated.number, by=rufino, now=now)


def test_a_contact_cannot_follow_itself_even_by_a_detour(contact, ana, marta, now, before):
    earlier = before()
    link(contact, earlier.number, by=ana, now=now)
    for follower in (contact, earlier):
        with pytest.raises(Refused):
            link(follower, contact.number, by=marta, now=now)
    with pytest.raises(IntegrityError, match="a_contact_follows_another_one"), transaction.atomic():
        Contact.objects.update(follows=F("id"))
