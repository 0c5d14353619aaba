"""Notifications to other pages: they are sent on commit and contain no words."""

import psycopg
import pytest

from amparo.foundation.core.live import CHANNEL, conninfo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    with psycopg.connect(conninfo(), autocommit=True) as link:
        link.execute(f"listen {CHANNEL}")
        yield lambda: [n.payload for n in link.notifies(timeout=1)]


def test_each_save_is_noted_and_the_card_as_a_return_call_too(contact, write, heard):
    write(notes="one")
    write(limits="yes", safe_number="999")
    assert heard() == [f"contact {contact.pk}", f"contact {contact.pk}", "messages"]


def test_a_save_that_changes_nothing_is_not_noted(contact, write, heard):
    write(urgency="soon")
    heard()
    write(urgency="soon")
    assert heard() == []
