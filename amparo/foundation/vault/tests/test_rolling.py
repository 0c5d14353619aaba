"""Rotating the key-encryption keys: nothing is lost, and nothing old opens, wherever it is interrupted."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pyrage
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.core.actor import acting_as, role_holder
from amparo.foundation.vault import key_rotation
from amparo.foundation.vault.models import DataKey, Grant, RetiredKey
from amparo.foundation.vault.wrapping import OLD, keyring
from amparo.line.contacts.models import Contact
from tests.keys import key_for
from tests.test_promises.access import agency, colleague, contact_of
from tests.vaults import own_keys, process_environment

REWRAP = "vault_rewrap('{00000000-0000-0000-0000-000000000001}', '{x}', '{x}', '{x}', '{x}')"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(tmp_path):
    with own_keys(tmp_path / "home") as home:
        yield home


@pytest.fixture
def ana():
    return colleague("ana")


def names() -> set[str]:
    return set(Grant.objects.values_list("wrapping_key", flat=True))


def test_everything_opens_after_a_roll_and_no_field_was_touched(home, ana):
    contact = contact_of(ana, notes="words")
    before, sealed = names(), sealed_notes(contact)
    rolled = key_rotation.rotate_keys(timezone.now())
    assert (rolled.copies, rolled.destroyed) == (2, 1)
    assert names().isdisjoint(before)
    assert sealed_notes(contact) == sealed
    assert Contact.objects.get(pk=contact.pk).notes == "words"
    assert set(RetiredKey.objects.values_list("name", flat=True)) == before
    assert not keyring().older()


def sealed_notes(contact) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("select notes from contacts_contact where id = %s", [contact.pk])
        return bytes(cursor.fetchone()[0])


def test_a_key_that_is_open_when_it_is_rolled_stays_open(home, ana):
    contact = contact_of(ana, notes="words")
    kept = Contact.objects.prefetch_related("key__grants").get(pk=contact.pk)
    key_rotation.rotate_keys(timezone.now())
    assert kept.notes == "words"  # the copy that was read before is wrapped by a key that is gone


def test_the_first_roll_ends_the_one_secret_from_before(home, ana):
    contact = contact_of(ana, notes="words")
    (home / "keys" / "vault").write_text("secret of the first version")
    with connection.cursor() as cursor:
        old = keyring().named(OLD).wrap(contact.key.secret, contact.key.pk.bytes)
        cursor.execute("update vault_grant set wrapped = %s, wrapping_key = %s", [old, OLD])
    assert Contact.objects.get().notes == "words"
    key_rotation.rotate_keys(timezone.now())
    assert not (home / "keys" / "vault").exists()
    assert Contact.objects.get().notes == "words"


def test_each_agencys_copies_are_under_its_own_key(home, ana):
    police = colleague("sargento", Role.POLICE_LIAISON, agency(Kind.POLICE))
    contact = contact_of(ana, notes="words")
    with acting_as(ana.acting()):
        contact.key.give(
            role_holder(police.agency_id, police.role), agency=police.agency_id, basis=contact.pk,
            until=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    assert under_their_own() == {1, police.agency_id}
    with acting_as(police.acting()):
        assert Contact.objects.get().notes == "words"
    key_rotation.rotate_keys(timezone.now())
    assert under_their_own() == {1, police.agency_id}
    with acting_as(police.acting()):
        assert Contact.objects.get().notes == "words"


def under_their_own() -> set[int]:
    copies = Grant.objects.values_list("agency_id", "wrapping_key")
    assert all(name.split(":")[1] == str(agency) for agency, name in copies)
    return {agency for agency, _ in copies}


def test_a_copy_under_another_agencys_key_is_refused(home, ana):
    key, police = key_for(ana), agency(Kind.POLICE)
    wrapped, name = key.wrapped_for(1)
    with pytest.raises(DatabaseError, match="a key of its holder's agency"), acting_as(ana.acting()):
        call("vault_give", key.pk, "u999", police.pk, "", key.pk, timezone.now() + timedelta(days=1), wrapped, name)


def test_nothing_is_wrapped_by_a_retired_key(home, ana):
    key = key_for(ana)
    wrapped, name = key.wrapped_for(1)
    key_rotation.rotate_keys(timezone.now())
    with pytest.raises(DatabaseError, match="a retired key wraps nothing"), acting_as(ana.acting()):
        call("vault_make_key", DataKey().pk, 1, "contact", ["u1"], wrapped, name)


def call(function: str, *arguments) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}({', '.join(['%s'] * len(arguments))})", arguments)
        return cursor.fetchone()[0]


@pytest.mark.parametrize("function", ["vault_retire(array['x'])", REWRAP])
def test_only_the_worker_wraps_anew_and_retires(ana, function):
    with pytest.raises(DatabaseError, match="only the worker"), acting_as(ana.acting()), connection.cursor() as c:
        c.execute(f"select {function}")


def test_the_rotation_waits_for_uncommitted_grants(home, ana):
    """A transaction made a copy under the old key and has not committed: the key is not retired before."""
    begun, go_on = threading.Event(), threading.Event()

    def make_slowly() -> None:
        try:
            with acting_as(ana.acting()):
                DataKey.objects.make("u1", agency=1, kind="contact")
                begun.set()
                go_on.wait(10)
        finally:
            connection.close()

    contact_of(ana)
    slow, roll = threading.Thread(target=make_slowly), threading.Thread(target=roll_and_close)
    slow.start()
    assert begun.wait(10)
    roll.start()
    time.sleep(0.5)
    assert not RetiredKey.objects.exists()
    go_on.set()
    slow.join()
    roll.join()
    assert RetiredKey.objects.count() == 1
    assert all(grant.unwrapped for grant in Grant.objects.all())
    assert len(names()) == 1


def roll_and_close() -> None:
    try:
        key_rotation.rotate_keys(timezone.now())
    finally:
        connection.close()


def test_a_rotation_is_due_once_a_period_and_after_an_interruption(home, ana):
    contact_of(ana)
    now = timezone.now()
    assert key_rotation.rotate_when_due(now).copies == 2  # nobody knows how old the very first key is
    assert key_rotation.rotate_when_due(now + timedelta(days=29)) is None
    assert key_rotation.rotate_when_due(now + timedelta(days=31)).copies == 2
    keyring().make(1, now + timedelta(days=32))  # as a roll does that is then killed
    assert key_rotation.rotate_when_due(now + timedelta(days=33)).copies == 2
    assert not keyring().older()


def test_rolling_moves_everything_from_one_keeper_to_another(home, ana):
    contact = contact_of(ana, notes="words")
    with own_keys(home, keys="age", age_identities=(str(pyrage.x25519.Identity.generate()),)):
        key_rotation.rotate_keys(timezone.now())
        assert {name.split(":")[0] for name in names()} == {"age"}
        assert Contact.objects.get(pk=contact.pk).notes == "words"
        assert not list((home / "keys" / "file").glob("*/*"))


def fill(copies: int, ana) -> None:
    """Copies of keys as the contacts of many people would leave them."""
    made = [DataKey(agency_id=1, kind="contact", made_at=timezone.now()) for _ in range(copies)]
    for key in made:
        key.secret = key.pk.bytes * 2
    DataKey.objects.bulk_create(made)
    Grant.objects.bulk_create(
        Grant(key=k, holder="u1", agency_id=1, owner_id=1, made_at=k.made_at, wrapped=w, wrapping_key=name)
        for k in made for w, name in [k.wrapped_for(1)]
    )  # fmt: skip


def test_a_rotation_killed_repeatedly_loses_nothing_and_continues(home, ana):
    fill(20_000, ana)
    command = [sys.executable, "-m", "amparo", "keys", "roll"]
    cut_off = 0
    for more in (0.4, 0.3, 0.2, 0.1, 0.0):  # the last is killed at once, and surely leaves something to do
        before = len(keyring().newest() | dict.fromkeys(keyring().older()))
        process = subprocess.Popen(command, env=process_environment(home))
        while len(keyring().newest() | dict.fromkeys(keyring().older())) == before and process.poll() is None:
            time.sleep(0.01)  # its new key is there: from now on it wraps anew
        time.sleep(more)
        cut_off += process.poll() is None
        process.kill()
        process.wait()
        assert all(g.unwrapped == g.key_id.bytes * 2 for g in Grant.objects.order_by("?")[:300])
    assert cut_off >= 3
    assert key_rotation.rotate_when_due(timezone.now()) is not None
    assert not keyring().older()
    assert len(names()) == 1
    assert all(g.unwrapped == g.key_id.bytes * 2 for g in Grant.objects.iterator())


def test_a_rotation_with_a_missing_key_fails_and_destroys_nothing(home, ana):
    contact_of(ana, notes="words")
    hidden = (home / "keys" / "file" / "1" / "0").rename(home / "hidden")
    done = subprocess.run(
        [sys.executable, "-m", "amparo", "keys", "roll"], env=process_environment(home), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "file:1:0 is not here" in done.stderr
    assert done.stderr.count("\n") == 1
    hidden.rename(home / "keys" / "file" / "1" / "0")
    assert Contact.objects.get().notes == "words"
