"""Several keys are granted to several holders at once: only by a holder of all of them, within one agency; otherwise
none is.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.vault.models import DataKey, Grant, give_all
from tests.keys import key_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana")


@pytest.fixture
def rufino(db) -> User:
    return User.objects.create(username="rufino")


@pytest.fixture
def police(db) -> User:
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    return User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)


def holders(key: DataKey) -> set[str]:
    return set(Grant.objects.filter(key=key).values_list("holder", flat=True))


def refused(giver: Actor, keys: list[DataKey], to: list[str], match: str) -> bool:
    """Refused with this message, and nobody holds more than before."""
    before = [holders(key) for key in keys]
    with pytest.raises(Exception, match=match), transaction.atomic(), acting_as(giver):
        give_all(keys, to)
    return [holders(key) for key in keys] == before


def test_who_holds_all_of_them_gives_all_of_them(ana, rufino):
    keys, given = [key_for(ana), key_for(ana)], rufino.acting().holders[0]
    with acting_as(ana.acting()):
        give_all(keys, [given])
        give_all(keys, [given])
    assert all(given in holders(key) for key in keys)
    with acting_as(rufino.acting()):
        assert [DataKey.objects.get(pk=key.pk).secret for key in keys] == [key.secret for key in keys]


def test_one_that_the_giver_does_not_hold_and_none_is_given(ana, rufino):
    keys = [key_for(ana), key_for(rufino)]
    assert refused(ana.acting(), keys, [ana.acting().holders[0]], "only who holds a key")


def test_a_key_of_another_agency_is_given_to_nobody(ana, rufino, police):
    key, given = key_for(ana), police.acting().holders[0]
    assert refused(police.acting(), [key], [given], "only who holds a key")
    with acting_as(ana.acting()):
        until = timezone.now() + timedelta(days=1)
        key.give(given, agency=police.agency_id, basis=key.pk, until=until)
    for holder in (given, rufino.acting().holders[0]):
        assert refused(police.acting(), [key], [holder], "only who holds a key")
    assert refused(ana.acting(), [key], [given], "another_agency_needs_a_basis")  # for good, and without one


def test_nobody_of_another_agency_is_given_one(ana, police):
    for holder in police.acting().holders:
        assert refused(ana.acting(), [key_for(ana)], [ana.acting().holders[1], holder], "is of another agency")


def test_a_copy_that_has_run_out_gives_nothing_not_even_itself_anew(ana, rufino):
    key = key_for(ana)
    Grant.objects.filter(key=key).update(expires_at=timezone.now() - timedelta(seconds=1))
    for holder in (ana.acting().holders[0], rufino.acting().holders[0]):
        assert refused(ana.acting(), [key], [holder], "only who holds a key")


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_same_keys_in_any_order_are_both_done(ana, rufino):
    keys, others = [key_for(ana) for _ in range(20)], [User.objects.create(username=f"p{n}") for n in range(20)]
    to, start, done = [other.acting().holders[0] for other in others], threading.Barrier(2), []

    def give(turn: int) -> None:
        try:
            for _ in range(20):
                start.wait(20)
                with acting_as(ana.acting()):
                    give_all(keys[::turn], to[::turn])
            done.append(turn)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=[turn]) for turn in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [-1, 1]
    assert all(holders(key) >= set(to) for key in keys)
