"""P5: erased means erased: from no backup, with any key that still exists, can it be opened again."""

import random
import shutil
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault import tokens
from amparo.foundation.vault.key_rotation import rotate_keys
from amparo.foundation.vault.keys import Box, Tampered
from amparo.foundation.vault.models import KEY_STORE, Token
from amparo.foundation.vault.wrapping import WrappingKeyMissing, keyring
from tests.vaults import dump, own_keys

from .access import colleague, contact_of

pytestmark = pytest.mark.django_db(transaction=True)

PERIODS, CONTACTS, ERASED = 4, 12, 3
CHANCE = random.Random(5)


@contextmanager
def restored(backup: str):
    """A database of its own, as it was when the backup was made."""
    here = the_tests_database()
    name = f"drill_{here['dbname']}"
    with psycopg.connect(**here, autocommit=True) as owner:
        owner.execute(f"create database {name} template template0")
        try:
            with psycopg.connect(**{**here, "dbname": name}) as link:
                link.execute(backup)
                yield link
        finally:
            owner.execute(f"drop database {name} with (force)")


def back_up(home) -> tuple[str, str]:
    """The data, and the key store apart from it."""
    tables = [f"--table={table}" for table in KEY_STORE]
    return dump(home, *(f"--exclude-table-data={table}" for table in KEY_STORE)), dump(home, "--data-only", *tables)


def copies_in(key_store: str) -> list[tuple]:
    """The wrapped keys of a backup of the key store: contact's key, wrapped, under which key."""
    copies = "\n".join(line for line in key_store.splitlines() if line.startswith("INSERT INTO public.vault_grant "))
    with psycopg.connect(**the_tests_database()) as link:
        link.execute("create temporary table copies (like public.vault_grant)")
        link.execute(copies.replace("public.vault_grant", "copies"))
        return link.execute("select key_id, wrapped, wrapping_key from copies").fetchall()


def the_tests_database() -> dict[str, object]:
    at = connection.settings_dict
    there = {"host": at["HOST"], "port": at["PORT"] or None, "user": at["USER"], "password": at["PASSWORD"] or None}
    return {"dbname": at["NAME"], **there}


def opened(rows: list[tuple], copies: list[tuple]) -> dict:
    """What of these sealed notes opens with any of these copies and any key-encryption key that there is."""
    words = {}
    by_key: dict = {}
    for key, wrapped, name in copies:
        by_key.setdefault(key, []).append((wrapped, name))
    for pk, key, notes in rows:
        for wrapped, name in by_key.get(key, []):
            try:
                secret = keyring().named(name).unwrap(wrapped, key.bytes)
            except (WrappingKeyMissing, Tampered):
                continue
            words[pk] = Box(secret).open(notes, f"contact.notes|{pk}").decode()
    return words


def notes_in(backup: str) -> list[tuple]:
    with restored(backup) as link:
        link.execute("reset search_path")
        return link.execute("select id, key_id, notes from contacts_contact where notes is not null").fetchall()


def live_through(periods: int, ana, tests_home):
    """People call, some are forgotten, a backup is made, the keys are rolled: period after period."""
    written, erased, backups = {}, set(), []
    for period in range(1, periods + 1):
        made = [contact_of(ana, notes=f"words {period}-{n}") for n in range(CONTACTS)]
        written |= {contact.pk: contact.notes for contact in made}
        backups.append(back_up(tests_home))
        for contact in CHANCE.sample(made, ERASED):
            with acting_as(ana.acting()):
                contact.key.forget()
            erased.add(contact.pk)
        rotate_keys(timezone.now() + timedelta(days=31 * period))
    return written, erased, backups


def test_the_erased_open_from_no_backup_and_the_living_from_all(tmp_path):
    tests_home, ana = settings.ENVIRONMENT.home, colleague("ana")
    with own_keys(tmp_path / "home"):
        written, erased, backups = live_through(PERIODS, ana, tests_home)
        now = copies_in(back_up(tests_home)[1])
        assert len(erased) == PERIODS * ERASED
        for data, key_store in backups:
            rows = notes_in(data)
            living = {pk: written[pk] for pk, _, _ in rows if pk not in erased}
            assert len(living) < len(rows)  # the erased stand in this backup
            assert opened(rows, now) == living
            assert opened(rows, copies_in(key_store)) == {}  # an old key store opens nothing, of anybody


def test_the_control_a_key_that_was_not_destroyed_opens_the_erased(tmp_path):
    """Without the roll, a backup of the key store from before would give everything back."""
    tests_home, ana = settings.ENVIRONMENT.home, colleague("ana")
    with own_keys(tmp_path / "home") as home:
        contact = contact_of(ana, notes="words that come back")
        data, key_store = back_up(tests_home)
        shutil.copytree(home / "keys", tmp_path / "stolen")
        with acting_as(ana.acting()):
            contact.key.forget()
        assert opened(notes_in(data), copies_in(key_store)) == {contact.pk: "words that come back"}
        rotate_keys(timezone.now())
        assert opened(notes_in(data), copies_in(key_store)) == {}
        shutil.copytree(tmp_path / "stolen", home / "keys", dirs_exist_ok=True)
        assert opened(notes_in(data), copies_in(key_store)) == {contact.pk: "words that come back"}


def test_the_backup_of_the_data_holds_no_copy_of_a_key(tmp_path):
    contact = contact_of(colleague("ana"), notes="words")
    data, key_store = back_up(settings.ENVIRONMENT.home)
    wrapped = bytes(contact.key.grants.first().wrapped).hex()
    assert wrapped not in data
    assert wrapped in key_store  # the control


def test_nor_a_token_that_would_tell_a_forgotten_number():
    """Old data may be kept, and the key of the tokens is never rolled: whoever has both could try all numbers."""
    ana = colleague("ana")
    contact = contact_of(ana)
    with acting_as(ana.acting()):
        tokens.store_tokens(contact.key, Token.Kind.NUMBER, "987 654 321")
    token = bytes(Token.objects.first().token).hex()
    data, key_store = back_up(settings.ENVIRONMENT.home)
    assert token not in data
    assert token in key_store  # the control
    with acting_as(ana.acting()):
        contact.key.forget()
    assert token not in back_up(settings.ENVIRONMENT.home)[1]
