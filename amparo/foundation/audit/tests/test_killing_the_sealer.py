"""`amparo sealer` as its own process, killed again and again while entries arrive; then `amparo audit verify`."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import append, sealer_status
from tests.hotline import beside_the_test

from .conftest import acting

PATIENCE = 60  # seconds


@pytest.fixture
def environment(transactional_db, tmp_path) -> dict[str, str]:
    """The environment of a process that works on the tests' database."""
    witnesses = [tmp_path / "ministry", tmp_path / "ngo"]
    for folder in witnesses:
        folder.mkdir()
    return {**beside_the_test(), "AMPARO_WITNESSES": ",".join(map(str, witnesses))}


@pytest.fixture
def sealer(environment) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The running process is the last of the list."""
    running: list[subprocess.Popen[bytes]] = [start(environment)]
    yield running
    running[-1].kill()
    running[-1].wait()


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "amparo", "sealer"], env=environment)


def verify(environment: dict[str, str], *more: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "amparo", "audit", "verify", *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stderr.count("\n") <= 1
    return done.returncode, done.stdout + done.stderr


def until(question) -> None:
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end
        time.sleep(0.05)


def until_all_are_sealed() -> None:
    """Asked here first: each `verify` is a process that imports everything."""
    until(lambda: not Entry.objects.filter(number=None).exists())


def some(entries: int) -> None:
    with acting():
        for number in range(entries):
            append("look", f"contact {number}")


def test_killed_at_any_moment_nothing_is_skipped_or_broken(sealer, environment):
    written = 0
    for kill in range(6):
        sealed = Entry.objects.filter(number__isnull=False).count()
        for _ in range(20):
            some(40)
            written += 40
        until(lambda seen=sealed: Entry.objects.filter(number__isnull=False).count() > seen)
        some(40 + 500 * kill)  # in the middle of these it dies
        written += 40 + 500 * kill
        sealer[-1].kill()
        sealer[-1].wait()
        sealer.append(start(environment))
    until_all_are_sealed()
    numbers = list(Entry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, written + 1))
    until(lambda: "not yet witnessed" not in verify(environment)[1])
    status, output = verify(environment)
    assert (status, output.count("\n")) == (0, 1)
    assert f"is intact. {written:,} entries, sealed to " in output
    assert "2 of 2 witnesses agree" in output


def test_without_a_sealer_entries_are_written_and_wait(sealer, environment):
    until(lambda: sealer_status().is_well)
    sealer[-1].terminate()
    assert sealer[-1].wait(PATIENCE) == 0
    some(3)
    assert "3 wait for the sealer" in verify(environment)[1]
    sealer.append(start(environment))
    until_all_are_sealed()


def test_verify_names_the_entry_and_the_witness_and_ends_with_one(sealer, environment):
    some(30)
    until_all_are_sealed()
    until(lambda: " 30 entries, sealed to" in verify(environment)[1])
    with connection.cursor() as cursor:
        cursor.execute("update audit_entry set user_id = 9 where number = 17")
    status, output = verify(environment)
    assert status == 1
    assert "is NOT intact: entry 17 is not what was sealed" in output
    assert "16 entries are intact" in output
    with connection.cursor() as cursor:
        cursor.execute("delete from audit_entry where number >= 17")
    status, output = verify(environment)
    assert status == 1
    for folder in environment["AMPARO_WITNESSES"].split(","):
        assert f"witness {folder} saw 30 entries, and there are 16" in output


def test_a_key_that_was_noted_elsewhere_is_believed_instead_of_this_machine(sealer, environment):
    some(1)
    until_all_are_sealed()
    until(lambda: " 1 entries, sealed to" in verify(environment)[1])
    assert verify(environment, "--key", "00" * 32)[0] == 1
    assert verify(environment, "--key", "short")[0] == 2
