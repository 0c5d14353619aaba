"""A second look at the tests that failed in the last run: is each broken, or did it fail by chance?

    python -m tests.again     after a run of pytest that failed (`make again`)

Each failed test runs again in a new process: alone, and then after the tests that its worker ran before it, in the same
order. It is broken, and the exit status is 1, if it fails alone or behind the others; then the test that spoils it is
named. A promise (tests/test_promises) must pass alone five times. What passes is flaky: it is printed last and appended
to FLAKY, and the exit status is 0.

No second look is given to a run that did not end, to more than MOST failures, to a crash, to a skipped test where none
may be, to a test younger than a day, or to a listed one whose date has passed (tests/flaky.toml). It ends after LONGEST
seconds: what it has not judged by then counts as broken, so no server that tests each change is kept for long.

What it does not see: a test that spoils another from more than REPLAYED seconds before, or from another worker.
"""

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parent.parent
LAST_RUN = CHECKOUT / ".pytest_cache/last-run.json"  # each test: its worker, its seconds, and how it failed
REPLAY = CHECKOUT / ".pytest_cache/replay.json"  # the same of the newest replay
FLAKY = Path(os.environ.get("AMPARO_FLAKY", CHECKOUT / ".pytest_cache/flaky.jsonl"))  # a CI server keeps it
LIST = CHECKOUT / "tests/flaky.toml"
MOST = 4  # failed tests of one run; more are no chance
LONGEST_LIST, LONGEST_TIME = 10, timedelta(days=14)
YOUNG = timedelta(days=1)
BEGUN = time.monotonic()
REPLAYED = 120  # seconds of tests that run before it once more
LONGEST = float(os.environ.get("AMPARO_AGAIN_SECONDS", 900))  # seconds of the whole second look
PROMISES = "tests/test_promises/"  # a promise that fails by chance may have met a race that loses something
# A test that fails one time in ten would fail the second look as often. So one failure is checked by four more runs.
MORE_RUNS, MOST_FAILURES = 4, 1


class Late(Exception):
    """The time of the second look is over."""


class Recorder:
    """A plugin of the process that hands out tests: it notes what ran where, in which order, and what failed."""

    def __init__(self) -> None:
        self.file = Path(os.environ.get("AMPARO_REPLAY", LAST_RUN))
        self.file.unlink(missing_ok=True)
        self.tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        node = getattr(report, "node", None)
        entry = self.tests.setdefault(report.nodeid, {"worker": node.gateway.id if node else "", "seconds": 0.0})
        entry["seconds"] += getattr(report, "duration", 0.0)
        if report.failed:
            entry["failed"] = str(report.longrepr).strip().splitlines()[-1:]
            entry["crashed"] = report.when == "???"  # so xdist reports the test in which a worker died
        if report.skipped and not hasattr(report, "wasxfail"):
            entry["skipped"] = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps({"status": int(session.exitstatus), "tests": self.tests}))


@dataclass(frozen=True)
class Failure:
    test: str  # node id
    words: str  # the last line of what pytest said
    before: tuple[str, ...]  # what its worker ran in the REPLAYED seconds before it


def failures(tests: dict[str, dict[str, Any]]) -> list[Failure]:
    return [
        Failure(test, " ".join(entry["failed"]), _before(test, tests))
        for test, entry in tests.items()
        if "failed" in entry
    ]


def _before(test: str, tests: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    names = [name for name, entry in tests.items() if entry["worker"] == tests[test]["worker"]]
    found, seconds = list[str](), 0.0
    for name in reversed(names[: names.index(test)]):
        seconds += tests[name]["seconds"]
        if seconds > REPLAYED:
            break
        found.insert(0, name)
    return tuple(found)


def refusals(run: dict[str, Any], failed: list[Failure], new: set[str], today: date) -> list[str]:
    """Why this run gets no second look."""
    tests, until = run["tests"], {entry["test"]: entry["until"] for entry in listed()}
    wrong = []
    if run["status"] != pytest.ExitCode.TESTS_FAILED or not failed:
        wrong.append(f"the run ended with status {run['status']}, not by failed tests")
    if len(failed) > MOST:
        wrong.append(f"{len(failed)} tests failed: more than {MOST} are no chance")
    if os.environ.get("AMPARO_NO_SKIP"):
        wrong += [f"{test} was skipped" for test, entry in tests.items() if entry.get("skipped")]
    wrong += [f"the process died in {test}" for test, entry in tests.items() if entry.get("crashed")]
    for failure in failed:
        if failure.test.partition("[")[0] in new:
            wrong.append(f"{failure.test} is new: mend it before it lands")
        if failure.test in until and until[failure.test] < today:
            wrong.append(f"{failure.test} was to be mended by {until[failure.test]} ({LIST.name})")
    return wrong


def listed() -> list[dict[str, Any]]:
    return tomllib.loads(LIST.read_text()).get("flaky", []) if LIST.exists() else []


def overdue(today: date) -> list[str]:
    """What is wrong with the list of flaky tests; `make check` refuses it."""
    wrong = [f"{len(listed())} are listed, {LONGEST_LIST} may be"] if len(listed()) > LONGEST_LIST else []
    for entry in listed():
        if entry["until"] < today:
            wrong.append(f"{entry['test']} was to be mended by {entry['until']}")
        if entry["until"] - entry["since"] > LONGEST_TIME:
            wrong.append(f"{entry['test']} may be listed for {LONGEST_TIME.days} days")
    return wrong


def new_tests() -> set[str]:
    """Return "file::test" of each test that came since AMPARO_BASE; by default in the last day before HEAD."""
    found, file = set[str](), ""
    for line in _git("diff", "--unified=0", _base(), "HEAD", "--", "*.py").splitlines():
        if line.startswith("+++ "):
            file = line.removeprefix("+++ b/")
        elif name := re.match(r"\+(?:async )?def (test_\w+)", line):
            found.add(f"{file}::{name[1]}")
    return found


def _base() -> str:
    """Return the commit before this change. Without one all is new: a shallow clone is given no second look."""
    if base := os.environ.get("AMPARO_BASE"):
        return _git("merge-base", base, "HEAD").strip()
    before = int(_git("log", "-1", "--format=%ct")) - int(YOUNG.total_seconds())
    return _git("rev-list", "-1", f"--before={before}", "HEAD").strip() or _git(
        "hash-object", "-t", "tree", "/dev/null"
    )


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.strip()


def passes(test: str, before: Sequence[str] = ()) -> bool:
    """Run it behind these, in one new process. A run that breaks before it reaches the test is repeated once.

    Raises `Late` when the time of the second look is over.
    """
    for _ in range(2):
        REPLAY.unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
        command = [sys.executable, "-m", "pytest", "--tb=short", *before, test]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment | {"AMPARO_REPLAY": str(REPLAY)})
        try:
            process.wait(max(0, LONGEST - (time.monotonic() - BEGUN)))
        except subprocess.TimeoutExpired:
            process.terminate()  # pytest stops its servers
            process.wait()
            raise Late from None
        tests = json.loads(REPLAY.read_text())["tests"] if REPLAY.exists() else {}
        if entry := tests.get(test):
            return "failed" not in entry and "skipped" not in entry
    sys.exit(f"again: pytest broke before it came to {test}: see above.")


def passes_mostly(run: Callable[[], bool]) -> bool:
    """True at the first success, or if it then fails at most once more in MORE_RUNS."""
    return run() or sum(not run() for _ in range(MORE_RUNS)) <= MOST_FAILURES


def why_broken(failure: Failure) -> str:
    """Why the test is broken; blank if it is flaky."""
    try:
        return _why_broken(failure)
    except Late:
        return f"was not judged within {LONGEST:.0f} s"


def _why_broken(failure: Failure) -> str:
    if failure.test.startswith(PROMISES):
        if not all(passes(failure.test) for _ in range(1 + MORE_RUNS)):
            return "fails alone; a promise must hold each time"
    elif not passes_mostly(lambda: passes(failure.test)):
        return "fails alone"
    if failure.before and not passes_mostly(lambda: passes(failure.test, failure.before)):
        return f"passes alone and fails after what ran before it: {spoiler(failure)} spoils it"
    return ""


def spoiler(failure: Failure) -> str:
    """Name the test that spoils it, by halving what ran before; or the first and last, where no single one does."""
    suspects = list(failure.before)
    while len(suspects) > 1:
        middle = len(suspects) // 2
        if not passes(failure.test, suspects[middle:]):
            suspects = suspects[middle:]
        elif not passes(failure.test, suspects[:middle]):
            suspects = suspects[:middle]
        else:
            return f"something from {suspects[0]} to {suspects[-1]}"
    return suspects[0]


def report(flaky: Iterable[Failure]) -> None:
    commit, known = _git("rev-parse", "--short", "HEAD"), {entry["test"] for entry in listed()}
    FLAKY.parent.mkdir(exist_ok=True)
    print("\nflaky: failed once, passed alone and after the same tests as before")
    with FLAKY.open("a") as file:
        for failure in flaky:
            now = datetime.now(UTC)
            line = {"when": now.isoformat(timespec="seconds"), "commit": commit, "test": failure.test}
            line |= {"words": failure.words, "load": os.getloadavg()[0]}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"  {failure.test}\n    {failure.words}")
            if failure.test not in known:
                print(f'    Mend it, or add to tests/flaky.toml:\n    [[flaky]]\n    test = "{failure.test}"')
                print(f"    since = {now.date()}\n    until = {now.date() + LONGEST_TIME}")


def main() -> None:
    if not LAST_RUN.exists():
        sys.exit("again: the last test run did not come to its end.")
    run = json.loads(LAST_RUN.read_text())
    failed = failures(run["tests"])
    if wrong := refusals(run, failed, new_tests(), date.today()):
        sys.exit("again: " + "; ".join(wrong) + ".")
    broken = {failure.test: why for failure in failed if (why := why_broken(failure))}
    if flaky := [failure for failure in failed if failure.test not in broken]:
        report(flaky)
    print(f"\nagain: {len(broken)} broken, {len(flaky)} flaky, {time.monotonic() - BEGUN:.0f} s")
    if broken:
        sys.exit("again: " + "; ".join(f"{test} {why}" for test, why in broken.items()) + ".")


if __name__ == "__main__":
    main()
