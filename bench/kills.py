"""What is lost when processes are killed while an operator types.

    python -m bench.kills [--kills 100]

One operator writes a word every tenth of a second, wraps up after some words and opens the next contact, as the
console's script does: the same revision again until it is answered. Meanwhile web, worker, switchboard and database
are killed (-9) at random. What was answered 200 must be there at the end, and every call must have one contact.
"""

import argparse
import http.client
import random
import re
import threading
import time
import urllib.error
import uuid
from dataclasses import dataclass, field
from functools import partial

from tests.hotline import Hotline, hotline
from tests.staff import Staff

VICTIMS = ("web", "worker", "switchboard", "postgres")
WORDS_PER_CONTACT = 40
TYPING = 0.1  # seconds between two batches
PATIENCE = 60  # seconds
BETWEEN = (0.0, 0.5)  # seconds from well to the next kill
AWAY = (OSError, http.client.HTTPException)


@dataclass
class Tally:
    saves: int = 0  # answered 200
    repeats: int = 0  # sent again, for no answer came
    written: dict[str, str] = field(default_factory=dict)  # contact -> the notes last acknowledged
    wrapped: list[str] = field(default_factory=list)


class Operator(threading.Thread):
    """A browser's script without the browser: signs in, types, wraps up, until told to stop."""

    def __init__(self, it: Hotline) -> None:
        super().__init__()
        self.hotline, self.tally, self.done = it, Tally(), threading.Event()
        self.staff = Staff(it)
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.until(self.staff.sign_in)
            while not self.done.is_set():
                self.converse()
        except BaseException as failure:
            self.failure = failure
            raise

    def go_on_writing(self, batches: int = 5) -> None:
        """Wait until so many more batches were acknowledged: a kill that interrupts nobody shows nothing."""
        wanted, end = self.tally.saves + batches, time.monotonic() + PATIENCE
        while self.tally.saves < wanted and time.monotonic() < end and not self.failure:
            time.sleep(0.02)

    def converse(self) -> None:
        """One contact from its call to its wrap-up."""
        call, contact = self.until(self.answer)
        key, notes, revision, version = str(uuid.uuid4()), "", 0, 0
        while revision < WORDS_PER_CONTACT and not self.done.is_set():
            revision += 1
            notes += f"w{revision} "
            batch = {"key": key, "revision": revision, "based_on": version, "changes": {"notes": notes}}
            save = partial(self.staff.post_json, f"/contacts/{contact}/draft", batch)
            version = self.until(save)["version"]
            self.tally.saves += 1
            self.tally.written[contact] = notes
            time.sleep(TYPING)
        self.hotline.do(end_the_call, call)
        wrap_up = partial(self.staff.post, f"/contacts/{contact}/wrap-up", type="test", key=str(uuid.uuid4()))
        self.until(lambda: [wrap_up()])
        self.tally.wrapped.append(contact)

    def answer(self) -> tuple[str, str] | None:
        """A call and its contact; a call that was lost with its switchboard has none, and the next one comes."""
        call = self.hotline.do(a_call_in_progress, "ana")
        found = re.search(r'data-contact="([^"]+)"', self.staff.console())
        return (call, found[1]) if found and found[1] not in self.tally.wrapped else None

    def until(self, attempt):
        """Again until it is answered, as the page's script does."""
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
    """In the hotline's own process: until the database is back."""
    from django.db import Error, connection

    while True:
        try:
            return work()
        except Error:
            connection.close()
            time.sleep(0.2)


def a_call_in_progress(username: str) -> str:
    from django.utils import timezone

    from amparo.ground.access.models import User
    from amparo.line.switchboard.models import Call, State

    pk = uuid.uuid4()

    def work() -> str:
        ana = User.objects.get(username=username)
        now = timezone.now()
        Call.objects.get_or_create(pk=pk, defaults={"arrived_at": now, "state": State.TALKING, "operators": [ana.pk]})
        return str(pk)

    return again(work)


def end_the_call(call: str) -> None:
    from django.utils import timezone

    from amparo.line.switchboard.models import Call, State

    again(lambda: Call.objects.filter(pk=call).update(state=State.ENDED, operators=[], ended_at=timezone.now()))


def what_is_there() -> tuple[dict[str, str], int]:
    """The notes of every contact, and how many calls have more than one."""
    from django.db.models import Count

    from amparo.line.contacts.models import Contact

    notes = {str(contact.pk): contact.notes or "" for contact in Contact.objects.select_related("key")}
    doubled = Contact.objects.values("call").annotate(n=Count("pk")).filter(n__gt=1).count()
    return notes, doubled


def rampage(it: Hotline, kills: int, seed: int = 0) -> tuple[Tally, dict[str, int], int, int]:
    """Kill while an operator types; returns the tally, the kills by victim, lost saves and doubled contacts."""
    chance, killed = random.Random(seed), dict.fromkeys(VICTIMS, 0)
    operator = Operator(it)
    operator.start()
    for _ in range(kills):
        operator.go_on_writing()
        time.sleep(chance.uniform(*BETWEEN))
        victim = chance.choice(VICTIMS)
        it.kill(victim)
        killed[victim] += 1
        it.wait_until_well()
    operator.go_on_writing()
    operator.done.set()
    operator.join(60)
    if operator.failure:
        raise operator.failure
    notes, doubled = it.do(what_is_there)
    lost = sum(notes.get(contact, "") != words for contact, words in operator.tally.written.items())
    return operator.tally, killed, lost, doubled


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=100)
    with hotline() as it:
        started = time.monotonic()
        tally, killed, lost, doubled = rampage(it, arguments.parse_args().kills)
        print(f"{sum(killed.values())} kills -9 in {time.monotonic() - started:.0f} s: {killed}")
        print(
            f"{tally.saves} saves answered, {tally.repeats} requests repeated, {len(tally.wrapped)} contacts wrapped up"
        )
        print(f"{lost} acknowledged keystroke batches lost, {doubled} duplicate contacts")


if __name__ == "__main__":
    main()
