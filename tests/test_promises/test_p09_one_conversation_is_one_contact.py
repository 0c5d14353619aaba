"""P9: one conversation never becomes two contacts, though answers never arrive. `bench.kills` cuts by thousands."""

import pytest

from bench import kills
from bench.cutting import Cut
from tests.hotline import Hotline, hotline


@pytest.fixture(scope="module")
def line():
    with hotline() as it:
        yield it


def test_nothing_is_lost_or_done_twice_when_an_answer_never_arrives(line: Hotline):
    tally, cutter = kills.cut_off(line, cuts=60)
    assert set(cutter.cuts) == set(Cut)
    assert tally.repeats >= 60
    assert tally.wrapped
    assert not kills.damage(line, tally)


def test_a_contact_that_is_there_twice_would_be_found(line: Hotline):
    """The control: the check finds a contact that is there twice."""
    assert line.do(twice) == 1


def twice() -> int:
    """In the process of a hotline: how many doubled contacts the check finds where one call has two."""
    from django.db import connection, transaction

    from amparo.line.contacts.models import Contact

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table contacts_contact drop constraint a_call_has_one_contact")
        one = Contact.objects.exclude(call=None).first()
        one.pk, one._state.adding = one._meta.pk.get_default(), True
        one.number = 999_999
        one.notes = None
        one.save(force_insert=True)
        doubled = kills.what_is_there()[1]
        transaction.set_rollback(True)
    return doubled
