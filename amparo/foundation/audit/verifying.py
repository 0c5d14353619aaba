"""Is the ledger what it was? Walks the chain once, in constant memory, beside what the witnesses were told.

Finds an entry that was changed, removed, put in between or moved (the chain breaks), one cut off at the end (a witness
saw more), and a chain that somebody with every right on the database forged anew (a witness saw another hash).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DataError, transaction

from .chain import COLUMNS, GENESIS, Checkpoint, canonical, link
from .models import Entry
from .witnesses import Witness

BEHIND = timedelta(seconds=60)  # how much later one witness may hear than another
CHUNK = 2000  # entries fetched at once

type Row = tuple[Any, ...]  # COLUMNS, number, hash


@dataclass
class Hearing:
    """One witness during the walk: what it says next, and up to where it agreed."""

    name: str
    last: Checkpoint | None
    coming: Iterator[Checkpoint]
    fault: str = ""
    agreed: int = 0
    next: Checkpoint | None = None

    def go_on(self, key: Ed25519PublicKey) -> None:
        """Take the next checkpoint, unless the witness is at its end or is not to be believed."""
        before, self.next = self.agreed, None
        try:
            checkpoint = next(self.coming, None)
        except (OSError, ValueError):
            self.fault = f"has an unreadable line after {before:,}"
            return
        if checkpoint is None or self.last is None or checkpoint.number > self.last.number:
            return  # the rest was told after we began
        if not checkpoint.is_signed_by(key):
            self.fault = f"has a checkpoint at {checkpoint.number:,} that the sealer did not sign"
        elif checkpoint.number <= before:
            self.fault = f"has two checkpoints at {checkpoint.number:,}"
        else:
            self.next = checkpoint

    def hear(self, number: int, hash: bytes, key: Ed25519PublicKey) -> None:
        """The chain reached `number`; does the witness know it so?"""
        if self.next and self.next.number == number:
            if self.next.hash == hash:
                self.agreed = number
                self.go_on(key)
            else:
                self._disagree(f"saw other entries between {self.agreed + 1:,} and {number:,}")

    def end(self, number: int) -> None:
        """The chain ends at `number`; did the witness see more?"""
        if self.next:
            self._disagree(f"saw {self.next.number:,} entries, and there are {number:,}")

    def _disagree(self, fault: str) -> None:
        self.fault, self.next = fault, None


@dataclass
class Report:
    entries: int = 0
    waiting: int = 0
    fault: str = ""  # of the chain itself
    hearings: list[Hearing] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.fault and bool(self.hearings) and not any(hearing.fault for hearing in self.hearings)

    def __str__(self) -> str:
        """One line for whoever asked."""
        faults = [self.fault, *(f"witness {h.name} {h.fault}" for h in self.hearings if h.fault)]
        well = [h for h in self.hearings if not h.fault and not self.fault]
        agreed = max((h.agreed for h in self.hearings), default=0)
        until = max((h.last.at for h in well if h.last), default=None)
        facts = [
            f"{self.entries:,} entries" + ("" if self.is_intact else " are intact"),
            f"sealed to {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if until else "",
            f"{len(well)} of {len(self.hearings)} witnesses agree" if not self.fault else f"witnessed to {agreed:,}",
            f"{self.entries - agreed:,} not yet witnessed" if self.is_intact and self.entries > agreed else "",
            f"{self.waiting:,} wait for the sealer" if self.waiting else "",
        ]
        verdict = "is intact" if self.is_intact else f"is NOT intact: {'; '.join(filter(None, faults))}"
        return f"The ledger {verdict}. {', '.join(filter(None, facts))}."


def verify(witnesses: list[Witness], key: Ed25519PublicKey) -> Report:
    """The ledger of this database against its witnesses."""
    hearings = [_listen(witness, key) for witness in witnesses]  # first: what is told later may not be in our snapshot
    with transaction.atomic():  # else the server would keep a copy of all entries for the cursor
        report = walk(_sealed_entries(), hearings, key)
        report.waiting = Entry.objects.filter(number=None).count()
    return report


def walk(rows: Iterable[Row], hearings: list[Hearing], key: Ed25519PublicKey) -> Report:
    """Stop at the first break of the chain, for after it nothing can be said."""
    report, hash = Report(hearings=hearings), GENESIS
    for hearing in hearings:
        if not hearing.fault:
            hearing.go_on(key)
    try:
        for *columns, number, stored in rows:
            if number != report.entries + 1:
                report.fault = f"entry {report.entries + 1:,} is missing"
                break
            hash = link(hash, number, canonical(columns))
            if hash != bytes(stored):
                report.fault = f"entry {number:,} is not what was sealed, or was moved"
                break
            report.entries = number
            for hearing in hearings:
                hearing.hear(number, hash, key)
        else:
            for hearing in hearings:
                hearing.end(report.entries)
    except (AttributeError, DataError, TypeError):  # no time, no hash: only a hand can have written it
        report.fault = f"entry {report.entries + 1:,} is unreadable"
    _compare(hearings)
    return report


def _sealed_entries() -> Iterator[Row]:
    rows = Entry.objects.filter(number__isnull=False).order_by("number")
    return rows.values_list(*COLUMNS, "number", "hash").iterator(chunk_size=CHUNK)


def _listen(witness: Witness, key: Ed25519PublicKey) -> Hearing:
    try:
        hearing = Hearing(str(witness.folder), witness.last(), witness.checkpoints())
        if witness.public_keys() - {key.public_bytes_raw().hex()}:
            hearing.fault = "was told by a sealer with another key"
        elif hearing.last is None and Entry.objects.filter(number__isnull=False).exists():
            hearing.fault = "holds nothing"
    except (OSError, ValueError):
        return Hearing(str(witness.folder), None, iter(()), "cannot be read")
    return hearing


def _compare(hearings: list[Hearing]) -> None:
    """A witness that fell silent long before another does not vouch for the rest."""
    newest = max((h.last for h in hearings if h.last), default=None, key=lambda checkpoint: checkpoint.number)
    for hearing in hearings:
        if newest is None or hearing.last is None or hearing.fault or hearing.last.number == newest.number:
            continue
        if newest.at - hearing.last.at > BEHIND:
            hearing.fault = f"ends at {hearing.last.number:,}, earlier than another"
