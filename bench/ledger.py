"""The cost of the ledger: the same work with and without its entry, and how fast entries are sealed and verified.

    python -m bench.ledger [--seconds 1] [--rounds 20] [--entries 100000]

Eight threads of one process, as in the web process, each with its own connection. The work is one look at a contact:
one transaction as the actor, the row, its key, its words decrypted, the form drawn. It is a read, so its commit does
not wait for the disk. "Bare" is the same without the drawing. Turns of one second alternate with and without the
entry; the sealer runs beside both.
"""

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from amparo.foundation.access.models import User
    from amparo.foundation.audit.witnesses import Witness

CLIENTS, BATCHES = 8, 20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=1)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--entries", type=int, default=100_000)
    wish = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="amparo-bench-", dir="/tmp") as home:
        Path(home).chmod(0o755)
        os.environ |= {"AMPARO_HOME": home, "DJANGO_SETTINGS_MODULE": "amparo.settings"}
        from amparo.foundation.core.database import DatabaseServer

        server = DatabaseServer(Path(home))
        (Path(home) / "run").mkdir()
        server.start()
        try:
            measure(wish)
        finally:
            server.stop()


def measure(wish: argparse.Namespace) -> None:
    from amparo.__main__ import prepare

    prepare()
    with_sealer(lambda: throughput("a page", look_and_draw, wish))
    with_sealer(lambda: throughput("bare", look, wish))
    sealing(wish.entries)


def with_sealer(work: Callable[[], None]) -> None:
    sealer = subprocess.Popen([sys.executable, "-m", "amparo", "sealer"])
    try:
        work()
    finally:
        sealer.terminate()
        sealer.wait()


def throughput(name: str, work: Callable[[UUID], None], wish: argparse.Namespace) -> None:
    contacts = some_contacts()
    turn(work, contacts, 1.0, audited=True)  # connections, caches
    without: list[list[float]] = []
    audited: list[list[float]] = []
    for number in range(2 * wish.rounds):
        side = audited if number % 4 in (1, 2) else without  # abba: a drift of the machine meets both
        side.append(turn(work, contacts, wish.seconds, audited=side is audited))
    rates = [sum(map(len, side)) / wish.rounds / wish.seconds for side in (without, audited)]
    for title, side, rate in zip(("without", "with"), (without, audited), rates, strict=True):
        took = sorted(t * 1000 for turn in side for t in turn)
        p50, p95 = statistics.median(took), took[int(0.95 * len(took))]
        print(f"{name}, {title} an entry: {rate:,.0f}/s, p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    pairs = [len(a) / len(w) for a, w in zip(audited, without, strict=True)]  # neighbours in time
    print(
        f"{name}: audited is {rates[1] / rates[0]:.0%} of unaudited at {CLIENTS} clients"
        f" (median of {len(pairs)} pairs {statistics.median(pairs):.0%}); {load()}", flush=True,
    )  # fmt: skip


def turn(work: Callable[[UUID], None], contacts: list[UUID], seconds: float, *, audited: bool) -> list[float]:
    """Do `work` in all threads for `seconds`; return the duration in seconds of each call of it.

    Unless `audited`, the one statement that appends to the ledger is left out.
    """
    from amparo.foundation.audit.rules import append
    from amparo.foundation.vault import fields

    fields.append = append if audited else lambda *what, **more: None
    took: list[float] = []
    end = time.monotonic() + seconds

    def client(number: int) -> None:
        from django.db import connection

        turns = 0
        while (start := time.monotonic()) < end:
            work(contacts[(number + turns * CLIENTS) % len(contacts)])
            took.append(time.monotonic() - start)
            turns += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def look(pk: UUID, draw: bool = False) -> None:
    from django.template.loader import render_to_string

    from amparo.foundation.core.actor import acting_as
    from amparo.line.contacts.forms import ConversationForm
    from amparo.line.contacts.models import Contact

    with acting_as(ana().acting(), asynchronous_commit=True):
        contact = Contact.objects.visible_to(ana()).select_related("key").get(pk=pk)
        assert contact.notes
        if draw:
            render_to_string("contacts/_conversation.html", {"contact": contact, "form": ConversationForm.of(contact)})


def look_and_draw(pk: UUID) -> None:
    look(pk, draw=True)


@functools.cache
def ana() -> "User":
    from amparo.foundation.access.models import User

    return User.objects.select_related("agency").get(username="ana")


@functools.cache
def some_contacts(how_many: int = 200) -> list[UUID]:
    """Make invented contacts with notes, at the first call; return their ids."""
    from django.utils import timezone

    from amparo.line.contacts.rules import open_contact, save_draft
    from amparo.line.switchboard.models import Call, State

    now, made = timezone.now(), []
    for _ in range(how_many):
        call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana().pk])
        contact = open_contact(call, by=ana(), now=now)
        words = {"notes": "An invented conversation. " * 40}
        save_draft(contact, key=uuid4(), revision=1, based_on=0, changes=words, by=ana(), now=now)
        made.append(contact.pk)
    return made


def sealing(entries: int) -> None:
    """Insert this many entries, then print how fast they are sealed, sent to the witnesses and verified.

    Nothing else runs on the machine meanwhile.
    """
    import psycopg

    from amparo.foundation.audit.chain import signing_key
    from amparo.foundation.audit.sealer import Sealer
    from amparo.foundation.audit.verifying import verify_ledger
    from amparo.foundation.audit.witnesses import Witness
    from amparo.foundation.core import environment, live

    witnesses = [Witness(folder) for folder in environment.read_environment().witnesses]
    with psycopg.connect(live.conninfo(), autocommit=True) as link:
        sealer, took = Sealer(link, witnesses, signing_key()), 0.0
        for _ in range(BATCHES):  # vacuumed between, as the database does by itself in a day
            link.execute(ENTRIES, [entries // BATCHES])
            start = time.monotonic()
            while sealer.seal():
                pass
            took += time.monotonic() - start
            link.execute("vacuum audit_entry")
        print(f"sealing: {entries / took:,.0f} entries/s")
        start = time.monotonic()
        assert sealer.send_checkpoint(datetime.now(UTC)) == []
        print(f"a checkpoint to {len(witnesses)} witnesses: {1000 * (time.monotonic() - start):.1f} ms")
        size, rows = link.execute("select pg_total_relation_size('audit_entry'), count(*) from audit_entry").fetchone()
    start = time.monotonic()
    report = verify_ledger(witnesses, signing_key().public_key())
    assert report.is_intact, report
    took = time.monotonic() - start
    print(f"verifying: {report.entries / took:,.0f} entries/s; at most {memory(witnesses):.1f} MB of them at once")
    print(f"size: {size / rows:.0f} bytes an entry, indexes and all; {load()}")


ENTRIES = """
insert into audit_entry (at, user_id, agency_id, role, purpose, what, about, fields, key)
select clock_timestamp(), n %% 100, 1, 'hotline/operator', 'call', 'look', 'contact ' || file, '{notes,name}', file
from (select n, gen_random_uuid() as file from generate_series(1, %s) n) as looks
"""


def memory(witnesses: list["Witness"]) -> float:
    """Return the peak of memory in MB while the ledger is verified."""
    from amparo.foundation.audit.chain import signing_key
    from amparo.foundation.audit.verifying import verify_ledger

    tracemalloc.start()
    verify_ledger(witnesses, signing_key().public_key())
    fullest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return fullest / 1024**2


def load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
