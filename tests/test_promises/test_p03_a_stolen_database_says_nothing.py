"""P3: a stolen dump, data folder, write-ahead log or server log holds no name, number, address or word of anybody, and
no key that opens one."""

import logging
import subprocess
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.rules import open_contact, save_draft
from amparo.line.switchboard.models import Call
from tests.hotline import beside_the_test
from tests.leaks import forms, found_in
from tests.repetitions import repeat

from .access import agency, colleague, contact_of
from .planting import (
    ELSEWHERE,
    close,
    plant_address,
    plant_case,
    plant_feedback,
    plant_file,
    plant_house,
    plant_placement,
    plant_shift,
    plant_testimony,
    without_words,
)

PEOPLE = repeat(200, 1_250)  # of each four words
CASES = repeat(6, 40)  # of which everything is told that can be
MARKERS = {
    "name": "Zorzalinda Quispealta",
    "number": "+51900778",
    "address": "Jirón Quebracho Hondo",
    "words": "cañaveral",
}
SHORTEST = 16  # bytes, of a secret
CONTROL = "Urubambilla control"

pytestmark = pytest.mark.django_db(transaction=True)


def plant(ana) -> None:
    """Through the verbs of the console, in one transaction: it is the words that count here, not the disk."""
    now = timezone.now()
    calls = Call.objects.bulk_create(Call(arrived_at=now, operators=[ana.pk]) for _ in range(PEOPLE))
    with acting_as(ana.acting()):
        for n, call in enumerate(calls):
            write(n, open_contact(call, by=ana, now=now), ana)


def plant_cases(ana, teo) -> None:
    """The same words in every sealed field there is, also those that a police liaison or a placement officer wrote."""
    olga = colleague("olga", Role.PLACEMENT_OFFICER)
    house = plant_house(MARKERS.__getitem__, officer=olga, shelter=agency(Kind.SHELTER))
    for n in range(CASES):
        contact = contact_of(ana, notes=f"{MARKERS['words']} {n}")
        write(n, contact, ana)
        planted = plant_case(contact, lambda kind, n=n: f"{MARKERS[kind]}{n:04}", by=ana, liaison=teo)
        plant_placement(planted, house, MARKERS["words"], by=ana, officer=olga)
        close(planted, MARKERS["words"], by=ana)


def secrets() -> list[bytes]:
    """What must be nowhere but in the folder of keys and in memory, and one data key as it is used."""
    keys = settings.ENVIRONMENT.home / "keys"
    kept = [path.read_bytes().strip() for path in keys.rglob("*") if path.is_file() and ".lock" not in path.name]
    return [*(secret for secret in kept if len(secret) >= SHORTEST), DataKey.objects.first().secret]


def write(n: int, contact, ana) -> None:
    changes = {
        "limits": "yes", "notes": f"{n}: {MARKERS['words']} {n}", "safe_number": f"{MARKERS['number']}{n:04}",
        "safe_who": f"{MARKERS['name']} {n}", "safe_story": f"{MARKERS['address']} {n}",
        "safe_word": f"{MARKERS['words']} {n}",
    }  # fmt: skip
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=changes, by=ana, now=timezone.now())


def stolen(folder: Path) -> list[Path]:
    """What a thief of the machine's disk has, but for the keys: a dump, the data folder, the logs beside it."""
    pg_dump, address = DatabaseServer(settings.ENVIRONMENT.home).program("pg_dump"), beside_the_test()["DATABASE_URL"]
    (folder / "dump.sql").write_bytes(subprocess.run([pg_dump, address], check=True, capture_output=True).stdout)
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
        cursor.execute("show data_directory")
        data = Path(cursor.fetchone()[0])
    logs = [*data.parent.glob("*log")]
    assert logs != []
    return [folder, data, *logs]


@pytest.mark.soak
@pytest.mark.timeout(repeat(600, 2_000))
def test_nothing_planted_is_found_and_the_controls_are(tmp_path):
    ana, teo = colleague("ana"), colleague("teo", Role.POLICE_LIAISON, agency(Kind.POLICE))
    log = logging.FileHandler(tmp_path / "application.log")
    logging.getLogger().addHandler(log)
    try:
        plant(ana)
        plant_cases(ana, teo)
        plant_shift(MARKERS["words"], by=ana)
        plant_address(MARKERS["number"], by=ana)
        marta = colleague("marta", Role.SUPERVISOR)
        plant_feedback(contact_of(ana, notes="reviewed"), MARKERS["words"], by=ana, reviewer=marta)
        plant_file(MARKERS["words"], by=marta)
        plant_testimony(MARKERS["words"], MARKERS["name"], by=colleague("carla", Role.CAMPAIGN_OFFICER))
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):  # a programmer's mistake
            cursor.execute(
                "insert into contacts_contact (notes) values (%s)", [f"{MARKERS['words']} mistaken".encode()]
            )
    finally:
        logging.getLogger().removeHandler(log)
    with connection.cursor() as cursor:
        cursor.execute("create table control as select %s::text as words", [CONTROL])
    try:
        files = stolen(tmp_path)
        hits, keys = found_in(files, [*MARKERS.values(), CONTROL]), found_in(files, secrets())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table control")
    assert without_words() == ELSEWHERE
    assert set(hits) == {CONTROL}
    assert keys == {}
    assert "dump.sql" in hits[CONTROL]
    assert len(hits[CONTROL]) >= 3  # in the dump, in the data, in the write-ahead log


@pytest.mark.parametrize("form", range(8))
def test_every_form_of_a_leak_is_known(tmp_path, form):
    leak = sorted(forms(CONTROL))[form]
    (tmp_path / "leak").write_bytes(b"\x00\xff" + leak + b"\x01")
    assert found_in([tmp_path], [CONTROL]) == {CONTROL: {"leak"}}


def test_a_key_that_lies_beside_the_data_is_found(tmp_path):
    """The control, with a secret that our own home holds."""
    contact_of(colleague("ana"))
    key = secrets()[-1]
    (tmp_path / "leak").write_bytes(b"\x00" + key.hex().encode() + b"\x01")
    assert set(found_in([tmp_path], [key])) == {key}
