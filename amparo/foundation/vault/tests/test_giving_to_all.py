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
from amparo.foundation.vault.models import DataKey, Grant, grant_keys
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
        grant_keys(keys, to)
    return [holders(key) for key in keys] == before


def test_a_holder_of_all_keys_grants_all_of_them(ana, rufino):
    keys, given = [key_for(ana), key_for(ana)], rufino.acting().holders[0]
    with acting_as(ana.acting()):
        grant_keys(keys, [given])
        grant_keys(keys, [given])
    assert all(given in holders(key) for key in keys)
    with acting_as(rufino.acting()):
        assert [DataKey.objects.get(pk=key.pk).secret for key in keys] == [key.secret for key in keys]


def test_if_one_key_is_not_held_none_is_granted(ana, rufino):
    keys = [key_for(ana), key_for(rufino)]
    assert refused(ana.acting(), keys, [ana.acting().holders[0]], "only who holds a key")


def test_keys_of_another_agency_are_not_granted(ana, rufino, police):
    key, given = key_for(ana), police.acting().holders[0]
    assert refused(police.acting(), [key], [given], "only who holds a key")
    with acting_as(ana.acting()):
        until = timezone.now() + timedelta(days=1)
        key.give(given, agency=police.agency_id, basis=key.pk, until=until)
    for holder in (given, rufino.acting().holders[0]):
        assert refused(police.acting(), [key], [holder], "only who holds a key")
    assert refused(ana.acting(), [key], [given], "another_agency_needs_a_basis")  # for good, and without one


def test_keys_are_not_granted_to_another_agency(ana, police):
    for holder in police.acting().holders:
        assert refused(ana.acting(), [key_for(ana)], [ana.acting().holders[1], holder], "is of another agency")


def test_an_expired_grant_cannot_be_passed_on_or_renewed(ana, rufino):
    key = key_for(ana)
    Grant.objects.filter(key=key).update(expires_at=timezone.now() - timedelta(seconds=1))
    for holder in (ana.acting().holders[0], rufino.acting().holders[0]):
        assert refused(ana.acting(), [key], [holder], "only who holds a key")


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_grants_of_the_same_keys_both_succeed(ana, rufino):
    keys, others = [key_for(ana) for _ in range(20)], [User.objects.create(username=f"p{n}") for n in range(20)]
    to, start, done = [other.acting().holders[0] for other in others], threading.Barrier(2), []

    def give(turn: int) -> None:
        try:
            for _ in range(20):
                start.wait(20)
                with acting_as(ana.acting()):
                    grant_keys(keys[::turn], to[::turn])
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
