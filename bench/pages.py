"""How long pages take under load: 60 mixed requests per second by 200 people, with a million contacts.

    python -m bench.pages [--contacts 1000000] [--rate 60] [--seconds 60]

Requests come at random moments, whether or not earlier ones were answered (an open loop), from one process on the
same machine. The clock of each starts when it was due. Notes are sealed normally.
"""

import argparse
import http.client
import json
import os
import random
import re
import statistics
import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.hotline import Hotline, hotline

from .restore import AT_ONCE, load

OPERATORS, SUPERVISORS = 190, 10
MIX = {"queue": 30, "save": 25, "contact": 15, "contacts": 15, "console": 10, "search": 5}  # percent
AT_ONE_TIME = 64  # requests; more wait while their clock runs
LIMIT = 300  # ms, p95


@dataclass
class Person:
    """One signed-in browser with contacts of its own."""

    port: int
    session: str
    cookies: str = ""
    token: str = ""
    contacts: list[str] = field(default_factory=list)
    page: str = field(default_factory=lambda: str(uuid.uuid4()))  # the page's draft key
    revision: int = 0

    def sit_down(self) -> None:
        self.cookies = f"sessionid={self.session}"
        self.token = re.search(r'data-csrf="([^"]+)"', self.ask("GET", "/console")[1])[1]
        self.contacts = re.findall(r'href="/contacts/([0-9a-f-]{36})"', self.ask("GET", "/contacts")[1])

    def do(self, what: str, dice: random.Random) -> int:
        """Send one request; return the status of the answer."""
        if what == "save":
            return self.save()
        if what == "search":
            form = f"number=%2B51900{dice.randrange(10**6):06}&purpose=danger"
            return self.ask("POST", "/contacts/search", form, "application/x-www-form-urlencoded")[0]
        path = {"queue": "/console/queue", "console": "/console", "contacts": "/contacts"}
        return self.ask("GET", path.get(what) or f"/contacts/{dice.choice(self.contacts)}")[0]

    def save(self) -> int:
        self.revision += 1
        changes = {"notes": "Invented words of an invented person. " * (1 + self.revision % 20)}
        batch = {"key": self.page, "revision": self.revision, "based_on": 10**6, "changes": changes}
        return self.ask("POST", f"/contacts/{self.contacts[0]}/draft", json.dumps(batch), "application/json")[0]

    def ask(self, method: str, path: str, body: str = "", kind: str = "text/plain") -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": f"localhost:{self.port}", "Cookie": self.cookies, "Sec-Fetch-Mode": "cors",
            "X-CSRF-Token": self.token, "Content-Type": kind,
        }  # fmt: skip
        try:
            link.request(method, path, body or None, headers)
            answer = link.getresponse()
            if found := re.search("csrftoken=[^;]+", answer.headers.get("Set-Cookie", "")):
                self.cookies = f"sessionid={self.session}; {found[0]}"
            return answer.status, answer.read().decode()
        finally:
            link.close()


def hire(operators: int, supervisors: int) -> list[tuple[int, str, str]]:
    """Runs in the hotline's process: create signed-in people, as (user, role, session key)."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from amparo.foundation.access.models import Role, User
    from amparo.foundation.access.models.sessions import SessionStore
    from tests.full_session import full_session

    hired = []
    for number in range(operators + supervisors):
        role = Role.SUPERVISOR if number >= operators else Role.OPERATOR
        user = User.objects.create(username=f"inventada{number}", first_name="Inventada", role=role, is_invented=True)
        session = SessionStore()
        session.update(full_session())
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session.create()
        hired.append((user.pk, role.value, session.session_key))
    return hired


def analyze() -> None:
    """Runs in the hotline's process: do what autovacuum and the checkpointer do in the minutes after such a load."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
        cursor.execute("checkpoint")


def fill(it: Hotline, contacts: int) -> list[Person]:
    hired = it.do(hire, OPERATORS, SUPERVISORS)
    operators = tuple(pk for pk, role, _session in hired if role == "operator")
    for first in range(1, contacts + 1, AT_ONCE):
        it.do(load, first, min(AT_ONCE, contacts + 1 - first), operators)
    it.do(analyze)
    people = [Person(it.http_port, session) for _pk, _role, session in hired]
    for person in people:
        person.sit_down()
    return people


def work(people: list[Person], rate: float, seconds: float) -> tuple[dict[str, list[float]], int]:
    """Milliseconds by kind of request, and the number of failures."""
    dice, due = random.Random(0), 0.0
    times: dict[str, list[float]] = defaultdict(list)
    bad = 0
    start = time.monotonic()

    def one(person: Person, what: str, at: float) -> int:
        status = person.do(what, random.Random(at))
        times[what].append((time.monotonic() - start - at) * 1000)
        return status

    with ThreadPoolExecutor(AT_ONE_TIME) as pool:
        answers = []
        while (due := due + dice.expovariate(rate)) < seconds:
            time.sleep(max(0.0, start + due - time.monotonic()))
            [what] = dice.choices(list(MIX), list(MIX.values()))
            answers.append(pool.submit(one, dice.choice(people), what, due))
        bad = sum(answer.result() not in (200, 409) for answer in answers)  # 409: two of one person's saves at once
    return times, bad


def percentile(times: list[float], share: float) -> float:
    return statistics.quantiles(times, n=100)[round(share * 100) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    with hotline(AMPARO_DEMO="0") as it:
        people = fill(it, chosen.contacts)
        print(f"load average {os.getloadavg()[0]:.1f}, {chosen.contacts:,} contacts, {len(people)} people")
        work(people, chosen.rate, 5)  # warm
        times, bad = work(people, chosen.rate, chosen.seconds)
        every = [ms for kind in times.values() for ms in kind]
        for name, kind in {**times, "all": every}.items():
            print(
                f"{name:<10}{len(kind):>6}  p50 {percentile(kind, 0.5):6.0f} ms  p95 {percentile(kind, 0.95):6.0f} ms"
            )
        print(f"{bad} not answered; the aim is p95 <= {LIMIT} ms; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
