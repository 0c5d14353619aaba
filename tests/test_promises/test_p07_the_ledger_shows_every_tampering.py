"""P7: any edit, deletion, insertion, reordering or truncation of the ledger is found, by whomever it was done.

The tamperer is a database administrator: every right on the tables, no constraint in the way, able to compute each hash
anew, and in some cases with the sealer's key and the run of one witness. Each tampering is done in the real database.
"""

import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from amparo.foundation.audit.chain import COLUMNS, GENESIS, Checkpoint, canonical_form, chain_hash
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import append
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import acting, sealing_role
from amparo.foundation.audit.verifying import Report, verify_ledger
from amparo.foundation.audit.witnesses import Witness
from tests.repetitions import repeat

KEY = Ed25519PrivateKey.generate()
ENTRIES, CHECKPOINT = 60, 10  # entries in all, and between two checkpoints
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
NUMBER, HASH = len(COLUMNS), len(COLUMNS) + 1

OTHER = {
    "id": lambda old: old + 10_000,
    "at": lambda old: old + timedelta(microseconds=1),
    "user_id": lambda old: old + 1,
    "agency_id": lambda old: (old or 1) + 1,
    "role": lambda old: "police/investigator",
    "purpose": lambda old: "",
    "what": lambda old: "glance",
    "about": lambda old: "contact 999",
    "key": lambda old: None,
    "fields": lambda old: old[1:],
}
assert tuple(OTHER) == COLUMNS

pytestmark = pytest.mark.django_db

places = st.integers(0, ENTRIES - 1)


class Ledger:
    """Sixty sealed entries and two witnesses; `with_rows` puts others in their place for one look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.witnesses = [Witness(folder / "ministry"), Witness(folder / "ngo")]
        for witness in self.witnesses:
            witness.folder.mkdir()

    def write(self) -> None:
        with sealing_role() as link_to_database:
            sealer = Sealer(link_to_database, self.witnesses, KEY)
            for start in range(0, ENTRIES, CHECKPOINT):
                with acting():
                    for number in range(start, start + CHECKPOINT):
                        append("look", f"contact {number}", ["notes", "first_name"], key=uuid.uuid4())
                assert sealer.seal() == CHECKPOINT
                assert sealer.send_checkpoint(NOW + timedelta(seconds=start)) == []
        self.rows = list(Entry.objects.order_by("number").values_list(*COLUMNS, "number", "hash"))

    def with_rows(self, rows: list[tuple], witnesses: list[Witness] | None = None) -> Report:
        names = ", ".join([*COLUMNS, "number", "hash"])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("delete from audit_entry; drop index a_number_is_given_once")
            with cursor.copy(f"copy audit_entry ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            report = verify_ledger(witnesses or self.witnesses, KEY.public_key())
            transaction.set_rollback(True)
        return report

    def corrupted(self, rows: list[tuple], how_many: int) -> list[Witness]:
        """The witnesses after somebody with the sealer's key made `how_many` of them agree with these rows."""
        shutil.rmtree(self.folder / "corrupted", ignore_errors=True)
        forged = [Witness(self.folder / "corrupted" / str(number)) for number in range(how_many)]
        for witness in forged:
            witness.folder.mkdir(parents=True)
            for at in (*range(CHECKPOINT, len(rows), CHECKPOINT), len(rows)):
                checkpoint = Checkpoint(at, bytes(rows[at - 1][HASH]), NOW + timedelta(seconds=at)).signed(KEY)
                witness.add(checkpoint, KEY.public_key())
        return [*forged, *self.witnesses[how_many:]]


@pytest.fixture(scope="module")
def ledger(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        it = Ledger(tmp_path_factory.mktemp("ledger"))
        try:
            it.write()
            yield it
        finally:
            with connection.cursor() as cursor:
                cursor.execute("truncate audit_entry, audit_sealerstatus")


def forged(rows: list[tuple]) -> list[tuple]:
    """The same entries, numbered and chained anew."""
    hash, chain = GENESIS, []
    for number, row in enumerate(rows, 1):
        hash = chain_hash(hash, number, canonical_form(row[:NUMBER]))
        chain.append((*row[:NUMBER], number, hash))
    return chain


def numbered(rows: list[tuple]) -> list[tuple]:
    """One after the other, each with the hash it had."""
    return [(*row[:NUMBER], number, row[HASH]) for number, row in enumerate(rows, 1)]


@st.composite
def tamperings(draw: st.DrawFn, how: str):
    """What was done, to which place first, and a function from the true rows to the false."""
    here, there = sorted(draw(st.lists(places, min_size=2, max_size=2, unique=True)))
    column = draw(st.sampled_from(COLUMNS))
    gone = draw(st.sets(places, min_size=1, max_size=ENTRIES - 1))

    def edit(rows: list[tuple]) -> list[tuple]:
        row = list(rows[here])
        row[COLUMNS.index(column)] = OTHER[column](row[COLUMNS.index(column)])
        return [*rows[:here], tuple(row), *rows[here + 1 :]]

    def insert(rows: list[tuple]) -> list[tuple]:
        false = (rows[there][0] + 10_000, *rows[there][1:])
        return numbered([*rows[:here], false, *rows[here:]])

    def move(rows: list[tuple]) -> list[tuple]:
        rest = [*rows[:here], *rows[here + 1 :]]
        return numbered([*rest[:there], rows[here], *rest[there:]])

    def renumber(rows: list[tuple]) -> list[tuple]:
        """Two entries change their places, and keep the numbers and hashes of the places."""
        a, b = rows[here], rows[there]
        swapped = {here: (*b[:NUMBER], *a[NUMBER:]), there: (*a[:NUMBER], *b[NUMBER:])}
        return [swapped.get(place, row) for place, row in enumerate(rows)]

    match how:
        case "edit":
            return here, edit
        case "delete":
            return min(gone), lambda rows: [row for place, row in enumerate(rows) if place not in gone]
        case "truncate":
            return here, lambda rows: rows[:here]
        case "insert":
            return here, insert
        case "move":
            return here, move
    return here, renumber


HOW = ("edit", "delete", "truncate", "insert", "move", "renumber")


def tried_often(how: str) -> settings:
    """What chooses two places alone is tried less often than an edit of ten columns, any deletion, or each end."""
    few = 20 if how in ("insert", "move", "renumber") else 50
    return settings(max_examples=repeat(few, 1_000), deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@pytest.mark.parametrize("how", HOW)
def test_every_tampering_by_hand_is_found_where_it_was_done(ledger, how):
    @tried_often(how)
    @given(tamperings(how))
    def all_of_them(tampering):
        first, tamper = tampering
        report = ledger.with_rows(tamper(ledger.rows))
        assert not report.is_intact
        if how == "truncate":  # a chain that ends early is whole; only a witness knows
            assert all("saw" in check.fault for check in report.checks)
            assert report.entries == first
        elif report.fault:
            assert f"entry {first + 1:,} " in report.fault
        else:
            assert how == "delete"  # the entries at the end
            assert report.entries == first

    all_of_them()


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@pytest.mark.parametrize("how", HOW)
def test_every_ledger_that_was_forged_anew_is_found(ledger, how):
    """All numbers and hashes are right again; the witnesses have heard of others."""

    @tried_often(how)
    @given(tamperings(how), st.integers(0, 1))
    def all_of_them(tampering, bought):
        first, tamper = tampering
        rows = forged(tamper(ledger.rows))
        witnesses = ledger.corrupted(rows, bought) if rows else ledger.witnesses
        report = ledger.with_rows(rows, witnesses)
        event(f"{bought} witnesses forged too")
        assert report.fault == ""  # of itself it looks well
        assert not report.is_intact
        honest = report.checks[bought if rows else 0 :]
        assert all("saw" in check.fault for check in honest)
        assert all(check.agreed <= first < check.agreed + CHECKPOINT for check in honest)

    all_of_them()


def test_what_nobody_touched_is_intact(ledger):
    """The control: the same way in and out of the database, and nothing is found."""
    report = ledger.with_rows(ledger.rows)
    assert report.is_intact
    assert f"is intact. {ENTRIES} entries, sealed to 2026-03-01" in str(report)
    assert "2 of 2 witnesses agree" in str(report)


def test_without_its_witnesses_a_forged_ledger_would_pass(ledger):
    """The control of the witnesses, and the limit: whoever has the key and every witness is not found."""
    rows = forged(ledger.rows[:-3])
    assert ledger.with_rows(rows, ledger.corrupted(rows, 2)).is_intact
    assert not ledger.with_rows(rows, ledger.corrupted(rows, 1)).is_intact
