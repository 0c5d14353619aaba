"""Verify the ledger: walk the chain once, in constant memory, and compare it with the witnesses' checkpoints.

It finds an entry that was changed, removed, inserted or moved (the chain breaks), entries removed at the end (a witness
has more), and a chain that somebody with all rights on the database has forged (a witness has another hash).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DataError, transaction
from django.db.models.functions import Now

from .chain import COLUMNS, GENESIS, Checkpoint, canonical_form, chain_hash
from .models import Entry
from .witnesses import Witness

BEHIND = timedelta(seconds=60)  # how much later one witness may receive a checkpoint than another
HOLDS_NOTHING = "holds nothing"
CHUNK = 2000  # entries fetched at once

type Row = tuple[Any, ...]  # COLUMNS, number, hash


@dataclass
class WitnessCheck:
    """One witness while the chain is verified: its next checkpoint, and the last number where it agreed."""

    name: str
    last: Checkpoint | None
    checkpoints: Iterator[Checkpoint]
    fault: str = ""
    agreed: int = 0
    next: Checkpoint | None = None

    def advance(self, key: Ed25519PublicKey) -> None:
        """Read the next checkpoint into `next`. None: there is no more, or it has a fault, which is noted."""
        before, self.next = self.agreed, None
        try:
            checkpoint = next(self.checkpoints, None)
        except (OSError, ValueError):
            self.fault = f"has an unreadable line after {before:,}"
            return
        if checkpoint is None or self.last is None or checkpoint.number > self.last.number:
            return  # the rest was written after we began
        if not checkpoint.is_signed_by(key):
            self.fault = f"has a checkpoint at {checkpoint.number:,} that the sealer did not sign"
        elif checkpoint.number <= before:
            self.fault = f"has two checkpoints at {checkpoint.number:,}"
        else:
            self.next = checkpoint

    def compare(self, number: int, hash: bytes, key: Ed25519PublicKey) -> None:
        """If the next checkpoint is for entry `number`, compare its hash with ours: go on, or note a fault."""
        if self.next and self.next.number == number:
            if self.next.hash == hash:
                self.agreed = number
                self.advance(key)
            else:
                self._disagree(f"saw other entries between {self.agreed + 1:,} and {number:,}")

    def end(self, number: int) -> None:
        """Note a fault if the witness has a checkpoint after `number`, where the chain ends."""
        if self.next:
            self._disagree(f"saw {self.next.number:,} entries, and there are {number:,}")

    def _disagree(self, fault: str) -> None:
        self.fault, self.next = fault, None


@dataclass
class Report:
    entries: int = 0
    waiting: int = 0
    fault: str = ""  # of the chain itself
    is_new: bool = False  # its first entry is younger than BEHIND: witnesses may still receive their first checkpoint
    checks: list[WitnessCheck] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.fault and bool(self.checks) and not any(check.fault for check in self.checks)

    @property
    def is_unwitnessed(self) -> bool:
        """True in a ledger's first seconds, when no witness holds anything: nothing is proven, nothing is wrong."""
        return self.is_new and not self.fault and all(check.fault == HOLDS_NOTHING for check in self.checks)

    def __str__(self) -> str:
        """The report in one line."""
        if self.checks and self.is_unwitnessed:
            return f"Nothing was witnessed yet of {self.entries:,} new entries. Ask again in a minute."
        faults = [self.fault, *(f"witness {h.name} {h.fault}" for h in self.checks if h.fault)]
        intact = [h for h in self.checks if not h.fault and not self.fault]
        agreed = max((h.agreed for h in self.checks), default=0)
        until = max((h.last.at for h in intact if h.last), default=None)
        facts = [
            f"{self.entries:,} entries" + ("" if self.is_intact else " are intact"),
            f"sealed to {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if until else "",
            f"{len(intact)} of {len(self.checks)} witnesses agree" if not self.fault else f"witnessed to {agreed:,}",
            f"{self.entries - agreed:,} not yet witnessed" if self.is_intact and self.entries > agreed else "",
            f"{self.waiting:,} wait for the sealer" if self.waiting else "",
        ]
        verdict = "is intact" if self.is_intact else f"is NOT intact: {'; '.join(filter(None, faults))}"
        return f"The ledger {verdict}. {', '.join(filter(None, facts))}."


def verify_ledger(witnesses: list[Witness], key: Ed25519PublicKey) -> Report:
    """Verify the ledger of this database against its witnesses."""
    # First: later checkpoints may be missing in our snapshot.
    checks = [_start_check(witness, key) for witness in witnesses]
    with transaction.atomic():  # otherwise the server would keep a copy of all entries for the cursor
        report = verify_chain(_sealed_entries(), checks, key)
        report.waiting = Entry.objects.filter(number=None).count()
        report.is_new = Entry.objects.filter(number=1, at__gt=Now() - BEHIND).exists()
    return report


def verify_chain(rows: Iterable[Row], checks: list[WitnessCheck], key: Ed25519PublicKey) -> Report:
    """Recompute the chain over these entries, and compare it with the checkpoints of `checks`.

    It stops at the first break of the chain, because nothing after it can be verified.
    """
    report, hash = Report(checks=checks), GENESIS
    for check in checks:
        if not check.fault:
            check.advance(key)
    try:
        for *columns, number, stored in rows:
            if number != report.entries + 1:
                report.fault = f"entry {report.entries + 1:,} is missing"
                break
            hash = chain_hash(hash, number, canonical_form(columns))
            if hash != bytes(stored):
                report.fault = f"entry {number:,} is not what was sealed, or was moved"
                break
            report.entries = number
            for check in checks:
                check.compare(number, hash, key)
        else:
            for check in checks:
                check.end(report.entries)
    except (AttributeError, DataError, TypeError):  # no time, no hash: somebody wrote it by hand
        report.fault = f"entry {report.entries + 1:,} is unreadable"
    _find_early_ends(checks)
    return report


def _sealed_entries() -> Iterator[Row]:
    rows = Entry.objects.filter(number__isnull=False).order_by("number")
    return rows.values_list(*COLUMNS, "number", "hash").iterator(chunk_size=CHUNK)


def _start_check(witness: Witness, key: Ed25519PublicKey) -> WitnessCheck:
    try:
        check = WitnessCheck(str(witness.folder), witness.last(), witness.checkpoints())
        if witness.public_keys() - {key.public_bytes_raw().hex()}:
            check.fault = "was told by a sealer with another key"
        elif check.last is None and Entry.objects.filter(number__isnull=False).exists():
            check.fault = HOLDS_NOTHING
    except (OSError, ValueError):
        return WitnessCheck(str(witness.folder), None, iter(()), "cannot be read")
    return check


def _find_early_ends(checks: list[WitnessCheck]) -> None:
    """Note a fault for each witness whose checkpoints end long before another's: it says nothing about the rest."""
    newest = max((h.last for h in checks if h.last), default=None, key=lambda checkpoint: checkpoint.number)
    for check in checks:
        if newest is None or check.last is None or check.fault or check.last.number == newest.number:
            continue
        if newest.at - check.last.at > BEHIND:
            check.fault = f"ends at {check.last.number:,}, earlier than another"
