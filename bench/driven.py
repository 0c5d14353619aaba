"""The same case work driven by an external load driver: 1, 8 and 32 people at once, beside the floor.

    python -m bench.driven FOLDER [--contacts 10000] [--at-once 1 8 32] [--turns 5] [--seconds 2.5]

FOLDER holds the driver: `drive.py`, `forms.py` and `adapters/`. It is not part of Amparo, and nothing else needs it.
`Pages` is its adapter. The driver's contacts, cases and notes are pages of a signed-in person: a form is sent, a
page comes back, and after a POST the page of the redirect is fetched, as a browser does. One adapter serves both
sides, which alternate.
"""

import argparse
import asyncio
import os
import sys
import types
from statistics import median
from typing import Any
from urllib.parse import urlencode

from tests.hotline import hotline

from . import caseload
from .casework import OPERATORS, fill
from .floor.running import Floor
from .sides import Side

PEOPLE = 40  # called agents by the driver
IN_A_TURN = 3000  # requests at most; the seconds usually end a turn first
MOST = {"finalise_contact": 100, "create_case": 100}  # per turn, for operations that use up a fresh contact

# A contact is opened by answering, so none is created by a request; a case is opened from a contact and connected by
# the same press; what was said is sealed and has no index of words or dates: `search_text` finds a name.
OPERATIONS = [
    "update_contact", "finalise_contact", "create_case", "add_note", "get_contact", "list_cases", "search_text",
    "open_case",
]  # fmt: skip

PRESSED = ("finalise_contact", "create_case", "add_note")
FIELDS = "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n"

type Found = dict[str, Any]
type Request = tuple[str, str, dict[str, Any] | str | None]


class Pages:
    """The adapter of the driver for one side: turns each of its operations into requests.

    A contact is an index into the side's fresh contacts; an agent is the index of a signed-in person.
    """

    def __init__(self, side: Side) -> None:
        self.side, self._revision, self._made = side, 0, 0
        half = range(len(side.fresh) // 2)
        self._to_open = [[n for n in half if n % PEOPLE == agent] for agent in range(PEOPLE)]

    def headers(self, agent: int) -> dict[str, str]:
        return {name: value for name, value in self.side.signed[agent].items() if name != "Host"}

    def update_contact(self, agent: int, contact: int, form: dict[str, Any]) -> list[Request]:
        self._revision += 1
        changes = {"notes": f"{self._revision} {form['situation']['summary']}"}
        batch = {"key": self.side.page_key(contact), "revision": self._revision, "based_on": 10**6, "changes": changes}
        return [("POST", f"/contacts/{self.side.fresh[contact]}/draft", batch)]

    def finalise_contact(self, agent: int, contact: int, form: dict[str, Any]) -> list[Request]:
        path = f"/contacts/{self.side.fresh[contact]}"
        ended = {"type": "crisis", "key": self.side.page_key(contact)}
        return [("POST", f"{path}/wrap-up", urlencode(ended)), ("GET", path, None)]

    def create_case(self, agent: int, info: dict[str, Any]) -> list[Request]:
        return [("POST", f"/cases/from/{self.side.fresh[self._to_open[agent].pop()]}", "")]

    def add_note(self, agent: int, case: int, text: str) -> list[Request]:
        path = f"/cases/{self.side.case(own(agent, case))}"
        return [("POST", f"{path}/notes", urlencode({"words": text})), ("GET", path, None)]

    def get_contact(self, agent: int, contact: int) -> list[Request]:
        return [("GET", f"/contacts/{self.side.contact(own(agent, contact))}", None)]

    def list_cases(self, agent: int, page: int) -> list[Request]:
        return [("GET", "/cases", None)]

    def search_text(self, agent: int, term: str) -> list[Request]:
        return [("POST", self.side.alike(own(agent, sum(term.encode()))), urlencode({"purpose": "danger"}))]

    def open_case(self, agent: int, case: int) -> list[Request]:
        return [("GET", f"/cases/{self.side.case(own(agent, case))}", None)]

    def parse(self, op: str, n: int, status: int, body: bytes) -> int | None:
        """Return a number for a complete page, a redirect to one, or a save without conflict; else None, an error."""
        self._made += 1
        if op in PRESSED and n == 0:
            return self._made if status == 302 else None
        expected = b'"conflicts": []' if op == "update_contact" else b"</html>"
        return self._made if status == 200 and expected in body else None


def own(agent: int, drawn: int) -> int:
    """Return an argument of the functions of `Side` for which they take a case of this agent."""
    return agent + PEOPLE * (drawn % 1000)


def fresh_for(turns: int) -> int:
    """Return how many fresh contacts these turns need, equal for each person. Half become cases."""
    each = -(-MOST["create_case"] // PEOPLE)  # at most, of a person in a turn
    return 2 * turns * each * PEOPLE


def driver(folder: str) -> type:
    """Return the class of the driver in this folder, changed so that the body of a request may be a form.

    Raises ImportError if there is no driver.
    """
    sys.path.insert(0, folder)
    import drive

    class Driver(drive.Run):
        def __init__(self, side: Side, port: int, web: set[int], database: int) -> None:
            super().__init__(types.SimpleNamespace(
                adapter="base_app", base=f"http://127.0.0.1:{port}", known="", numbers=200_000, seed=7, timeout=60,
                pid_root=[*(f"web{pid}={pid}" for pid in web), f"database={database}"],
            ))  # fmt: skip
            self.ad, self.known = Pages(side), {"contacts": [0, 999], "cases": [0, 999]}
            self.open_ = [(n, n % PEOPLE, n) for n in range(len(side.fresh) // 2, len(side.fresh))]

        def data(self, agent: int, method: str, path: str, body: dict[str, Any] | str | None) -> bytes:
            if not isinstance(body, str):
                return super().data(agent, method, path, body)
            head = super().data(agent, method, path, None).removesuffix(b"\r\n")
            return head + FIELDS.format(len(body)).encode() + body.encode()

    return Driver


async def phase(run: Any, name: str, at_once: int, seconds: float) -> Found:
    """The driver's findings for one operation; `web` is the CPU of all web processes."""
    found: Found = await run.phase(name, at_once, seconds, MOST.get(name, IN_A_TURN))
    found["web"] = sum(ms for what, ms in found.items() if what.startswith("web") and what.endswith("_cpu_ms"))
    return found


def row_of(name: str, floor: list[Found], amparo: list[Found]) -> str:
    """Return a row of the table, with medians over all turns but the first: the ratio of the CPU, its milliseconds, and
    the median and the 95th percentile of waiting.
    """
    costs = [[it["web"] + it["database_cpu_ms"] for it in of[1:]] for of in (floor, amparo)]
    times = median(ours / plain for plain, ours in zip(*costs, strict=True))
    of_each = {
        f"{who} {middle(of, 'web'):6.2f} + {middle(of, 'database_cpu_ms'):5.2f}, p50"
        f" {middle(of, 'p50'):6.1f} p95 {middle(of, 'p95'):6.1f} ms": sum(it["errors"] for it in of)
        for who, of in (("floor", floor), ("amparo", amparo))
    }
    return f"{name:<17}{times:5.2f} times   {'   '.join(of_each)}   {sum(of_each.values()):.0f} errors"


def middle(of: list[Found], what: str) -> float:
    return median(it[what] for it in of[1:])


async def measure(floor: Any, amparo: Any, levels: list[int], turns: int, seconds: float) -> None:
    """Measure each operation alternately on both sides. The first turn warms up and counts for errors only.

    Both sides share one database server, whose CPU is counted completely: what one side defers may fall into the
    other's turn.
    """
    for at_once in levels:
        print(f"{at_once} at once, load average {os.getloadavg()[0]:.1f}; ms of CPU, web + database", flush=True)
        for name in OPERATIONS:
            found: dict[Any, list[Found]] = {floor: [], amparo: []}
            for turn in range(turns + 1):
                for run in (floor, amparo) if turn % 2 else (amparo, floor):  # a drift of the machine meets both
                    found[run].append(await phase(run, name, at_once, seconds))
            print(row_of(name, found[floor], found[amparo]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 32], help="requests")
    parser.add_argument("--turns", type=int, default=5, help="that count; one more warms up")
    parser.add_argument("--seconds", type=float, default=2.5, help="of an operation in a turn")
    wish = parser.parse_args()
    try:
        by = driver(wish.folder)
    except ImportError:
        parser.error(f"there is no drive.py in {wish.folder}: name the folder of the load driver")
    if wish.turns < 1:
        parser.error("one turn at least has to count: name --turns 1 or more")
    fresh = fresh_for(len(wish.at_once) * (wish.turns + 1))
    with hotline(AMPARO_DEMO="0", AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as it:
        side = fill(it, wish.contacts, fresh=fresh, people=PEOPLE, whose=range(PEOPLE))
        with Floor(it.home, wish.contacts // caseload.A_CASE, OPERATORS, fresh, range(PEOPLE)) as floor:
            here = it.processes()
            [database] = here["postgres"]
            plain = by(floor.side(side.mine), floor.port, floor.pids, database)
            ours = by(side, it.http_port, here["web"], database)
            asyncio.run(measure(plain, ours, wish.at_once, wish.turns, wish.seconds))


if __name__ == "__main__":
    main()
