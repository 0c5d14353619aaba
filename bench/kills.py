"""What is lost when processes are killed while an operator types over a connection that is cut.

    python -m bench.kills [--kills 300] [--cuts 2000]

One operator writes words, wraps up after some of them and opens the next contact, as the console's script does: it
sends the same revision again until it is answered. First, web, worker, switchboard, sealer and the whole database
are killed (-9) at random; every third time the database with all its backends. Then nothing is killed, but every
second request is cut (cutting.py): half sent, or carried out and never answered. At the end, everything that was
answered 200 must be there, every call must have one contact, every contact as many words as versions, and the ledger
must be intact.
"""

import argparse
import http.client
import random
import re
import threading
import time
import urllib.error
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from tests.hotline import Hotline, hotline
from tests.staff import Staff

from .cutting import Cutter, cutting

VICTIMS = {"web": 2, "worker": 1, "switchboard": 2, "sealer": 1, "postgres": 3}  # how often, out of nine
WORDS_PER_CONTACT = 40
TYPING = 0.1  # seconds between two batches
PATIENCE = 60  # seconds
BETWEEN = (0.0, 0.5)  # seconds between recovery and the next kill
CUT_EVERY = 0.5  # of the requests
AWAY = (OSError, http.client.HTTPException)


@dataclass
class Tally:
    saves: int = 0  # answered 200
    repeats: int = 0  # sent again, because no answer came
    written: dict[str, str] = field(default_factory=dict)  # contact -> the notes last acknowledged
    wrapped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """The database's state of one contact."""

    notes: str
    version: int
    revision: int  # the last revision that its page sent
    is_wrapped: bool

    @property
    def is_torn(self) -> bool:
        """Each batch adds one word, one version and one revision. Torn: one was stored without the others."""
        return not len(self.notes.split()) == self.version == self.revision


@dataclass(frozen=True)
class Damage:
    """What is wrong at the end; all zero and "" if nothing is."""

    lost: int  # contacts without their acknowledged words, or open though wrapping up was acknowledged
    doubled: int  # calls with more than one contact
    torn: int
    ledger: str  # what `amparo audit verify` reports

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.torn or self.ledger)


class Operator(threading.Thread):
    """The script of a browser without the browser: signs in, types and wraps up until stopped."""

    def __init__(self, it: Hotline, address: str = "", typing: float = TYPING, words: int = WORDS_PER_CONTACT) -> None:
        super().__init__()
        self.hotline, self.tally, self.done = it, Tally(), threading.Event()
        self.typing, self.words = typing, words
        self.staff, self.address = Staff(it), address or it.address
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.until(self.staff.sign_in)
            self.staff.address = self.address
            while not self.done.is_set():
                self.converse()
        except BaseException as failure:
            self.failure = failure
            raise

    def go_on_writing(self, batches: int = 5) -> None:
        """Wait until this many more batches are acknowledged, because a kill that interrupts nobody shows nothing."""
        wanted, end = self.tally.saves + batches, time.monotonic() + PATIENCE
        while self.tally.saves < wanted and time.monotonic() < end and not self.failure:
            time.sleep(0.02)

    def converse(self) -> None:
        """Have one conversation: open a contact, type its notes, end the call, and wrap up."""
        call, contact = self.until(self.answer)
        key, notes, revision, version = str(uuid.uuid4()), "", 0, 0
        while revision < self.words and not self.done.is_set():
            revision += 1
            notes += f"w{revision} "
            batch = {"key": key, "revision": revision, "based_on": version, "changes": {"notes": notes}}
            save = partial(self.staff.post_json, f"/contacts/{contact}/draft", batch)
            version = self.until(save)["version"]
            self.tally.saves += 1
            self.tally.written[contact] = notes
            time.sleep(self.typing)
        self.hotline.do(end_the_call, call)
        wrap_up = partial(self.staff.post, f"/contacts/{contact}/wrap-up", type="test", key=str(uuid.uuid4()))
        self.until(lambda: [wrap_up()])
        self.tally.wrapped.append(contact)

    def answer(self) -> tuple[str, str] | None:
        """Return the ids of a call and of its contact, or None if the call was lost with its switchboard."""
        call = self.hotline.do(a_call_in_progress, "ana")
        self.staff.post("/console/catch-up")
        found = re.search(r'data-contact="([^"]+)"', self.staff.console())
        return (call, found[1]) if found and found[1] not in self.tally.wrapped else None

    def finish(self) -> Tally:
        """Stop typing; return what was acknowledged."""
        self.done.set()
        self.join(PATIENCE)
        if self.failure:
            raise self.failure
        return self.tally

    def until(self, attempt):
        """Repeat `attempt` until it returns something true; return that. Goes on after a 503 or a lost connection."""
        while True:
            try:
                if answer := attempt():
                    return answer
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
            except AWAY:
                pass
            self.tally.repeats += 1
            time.sleep(0.1)


def again(work):
    """Runs in the hotline's process: repeat `work` until the database is back; return its result."""
    from django.db import Error, connection

    while True:
        try:
            return work()
        except Error:
            connection.close()
            time.sleep(0.2)


def a_call_in_progress(username: str) -> str:
    """Return the id of the operator's call; of a new one if there is none or its switchboard was killed."""
    from django.utils import timezone

    from amparo.foundation.access.models import User
    from amparo.line.switchboard.models import Call, State

    pk = uuid.uuid4()

    def work() -> str:
        ana = User.objects.get(username=username)
        if call := Call.objects.filter(state=State.TALKING, operators=[ana.pk]).first():
            return str(call.pk)
        now = timezone.now()
        Call.objects.get_or_create(pk=pk, defaults={"arrived_at": now, "state": State.TALKING, "operators": [ana.pk]})
        return str(pk)

    return again(work)


def end_the_call(call: str) -> None:
    from django.utils import timezone

    from amparo.line.switchboard.models import Call, State

    again(lambda: Call.objects.filter(pk=call).update(state=State.ENDED, operators=[], ended_at=timezone.now()))


def what_is_there() -> tuple[dict[str, Kept], int]:
    """Return the state of every contact, by id, and the number of calls with more than one contact."""
    from django.db.models import Count, Max

    from amparo.line.contacts.models import Contact

    contacts = Contact.objects.select_related("key").annotate(revision=Max("drafts__revision", default=0))
    kept = {str(it.pk): Kept(it.notes or "", it.version, it.revision, not it.is_open) for it in contacts}
    doubled = Contact.objects.exclude(call=None).values("call").annotate(n=Count("pk")).filter(n__gt=1).count()
    return kept, doubled


def damage(it: Hotline, tally: Tally) -> Damage:
    """Compare what was acknowledged with what is there."""
    kept, doubled = it.do(what_is_there)
    nothing = Kept("", 0, 0, is_wrapped=False)
    lost = {contact for contact, words in tally.written.items() if kept.get(contact, nothing).notes != words}
    lost |= {contact for contact in tally.wrapped if not kept.get(contact, nothing).is_wrapped}
    verified = it.run("audit", "verify")
    ledger = "" if verified.returncode == 0 else verified.stdout.strip() or verified.stderr.strip()
    return Damage(len(lost), doubled, sum(contact.is_torn for contact in kept.values()), ledger)


def rampage(it: Hotline, kills: int, seed: int = 0) -> tuple[Tally, Counter[str]]:
    """Kill random processes while an operator types; return what was acknowledged, and the kills by process."""
    dice, killed = random.Random(seed), Counter[str]()
    operator = Operator(it)
    operator.start()
    for _ in range(kills):
        operator.go_on_writing()
        time.sleep(dice.uniform(*BETWEEN))
        [victim] = dice.choices(list(VICTIMS), list(VICTIMS.values()))
        it.kill(victim)
        killed[victim] += 1
        it.wait_until_well()
    operator.go_on_writing()
    return operator.finish(), killed


def cut_off(it: Hotline, cuts: int, seed: int = 0) -> tuple[Tally, Cutter]:
    """Cut the operator's requests; return what was acknowledged, and the `Cutter`, which has counted the cuts."""
    with cutting(it.http_port, CUT_EVERY, seed) as line:
        operator = Operator(it, line.address, typing=0)
        operator.start()
        while line.cuts.total() < cuts and operator.is_alive():
            time.sleep(0.05)
        return operator.finish(), line


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=300)
    arguments.add_argument("--cuts", type=int, default=2000)
    wanted = arguments.parse_args()
    with hotline() as it:
        started = time.monotonic()
        tally, killed = rampage(it, wanted.kills)
        print(f"{killed.total()} kills -9 in {time.monotonic() - started:.0f} s: {dict(killed)}")
        report(it, tally)
    with hotline() as it:
        started = time.monotonic()
        tally, line = cut_off(it, wanted.cuts)
        print(f"{line.cuts.total()} requests cut off in {time.monotonic() - started:.0f} s: {dict(line.cuts)}")
        report(it, tally)


def report(it: Hotline, tally: Tally) -> None:
    print(
        f"  {tally.saves} saves answered, {tally.repeats} requests repeated, {len(tally.wrapped)} contacts wrapped up"
    )
    found = damage(it, tally)
    print(f"  {found.lost} contacts lost words, {found.doubled} doubled, {found.torn} torn")
    print(f"  ledger: {found.ledger or 'intact'}")


if __name__ == "__main__":
    main()
