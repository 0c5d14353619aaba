"""`make again` lists what failed by chance, and stays red for what is broken and for what another test spoils."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests import again

TODAY = date(2026, 12, 1)
BY_CHANCE = """
from pathlib import Path
def test_by_chance():
    mark = Path(__file__).with_name("mark")
    was_there = mark.exists()
    mark.touch()
    assert was_there
"""
BROKEN = "def test_broken(): assert 1 + 1 == 3\n"
SPOILED = """
import os
def test_innocent(): pass
def test_spoils(): os.environ["LEFT"] = "behind"
def test_innocent_too(): pass
def test_spoiled(): assert "LEFT" not in os.environ
"""
SLEEPS = """
import os, time
def test_sleeps_longer():
    time.sleep(60 if "AMPARO_REPLAY" in os.environ else 0)
    assert False
"""
DIES = "import os\ndef test_dies(): os._exit(1)\n"
CONFTEST = """
import os
from tests.again import Recorder
def pytest_configure(config):
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        config.pluginmanager.register(Recorder())
"""


class Room:
    """A checkout of three days ago with these tests, and a commit of today."""

    def __init__(self, folder: Path, **files: str) -> None:
        self.folder = folder
        (folder / "tests").mkdir()
        (folder / "tests/__init__.py").touch()  # otherwise the installed checkout has the name
        (folder / "tests/again.py").write_text(Path(again.__file__).read_text())
        (folder / "conftest.py").write_text(CONFTEST)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:cacheprovider\n")
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        self.add(3, **files)
        self.add(0, example="def test_well(): pass\n")

    def add(self, days: int, **files: str) -> None:
        """Commit these tests, so many days ago."""
        for name, text in files.items():
            (self.folder / f"test_{name}.py").write_text(text)
        when = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        environment = {**os.environ, "GIT_COMMITTER_DATE": when}
        subprocess.run(["git", "add", "."], cwd=self.folder, check=True)
        name = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *name, "commit", "-qm", "a"], cwd=self.folder, env=environment, check=True)

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "AMPARO", "DJANGO"))} | variables
        kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each start would take a second more
        return subprocess.run([sys.executable, "-m", *words], cwd=self.folder, env=kept, capture_output=True, text=True)

    def again(self, **variables: str) -> subprocess.CompletedProcess[str]:
        assert self.run("pytest", "-p", "xdist", "-n", "2", "--dist", "loadfile").returncode == 1
        return self.run("tests.again", **variables)


def test_what_failed_by_chance_is_listed_and_passes(tmp_path):
    done = (room := Room(tmp_path, chance=BY_CHANCE)).again()
    assert done.returncode == 0, done.stderr
    assert "flaky: failed once" in done.stdout
    [line] = (room.folder / ".pytest_cache/flaky.jsonl").read_text().splitlines()
    assert json.loads(line)["test"] == "test_chance.py::test_by_chance"


def test_what_is_broken_or_spoiled_stays_red(tmp_path):
    done = Room(tmp_path, chance=BY_CHANCE, broken=BROKEN, spoiled=SPOILED).again()
    assert done.returncode == 1
    assert "test_broken.py::test_broken fails alone" in done.stderr
    assert "test_spoiled.py::test_spoiled passes alone and fails after" in done.stderr
    assert "test_spoiled.py::test_spoils spoils it" in done.stderr
    assert "2 broken, 1 flaky" in done.stdout


def test_a_test_of_today_gets_no_second_look(tmp_path):
    room = Room(tmp_path)
    room.add(0, chance=BY_CHANCE)
    done = room.again()
    assert (done.returncode, done.stdout) == (1, "")
    assert "test_chance.py::test_by_chance is new" in done.stderr


def test_what_is_not_judged_in_time_is_broken(tmp_path):
    done = Room(tmp_path, sleeps=SLEEPS).again(AMPARO_AGAIN_SECONDS="4")
    assert done.returncode == 1
    assert "test_sleeps.py::test_sleeps_longer was not judged within 4 s" in done.stderr


def test_a_process_that_died_gets_no_second_look(tmp_path):
    assert "the process died in test_dies.py::test_dies" in Room(tmp_path, dies=DIES).again().stderr


def test_a_run_that_did_not_end_gets_no_second_look(tmp_path):
    assert "did not come to its end" in Room(tmp_path).run("tests.again").stderr


def run_of(*failed: str, status: int = 1) -> dict:
    return {"status": status, "tests": {name: {"worker": "", "seconds": 1, "failed": ["x"]} for name in failed}}


@pytest.mark.parametrize(
    ("run", "new", "why"),
    [
        (run_of(*"abcde"), set(), "5 tests failed"),
        (run_of("a", status=2), set(), "ended with status 2"),
        (run_of("tests/test_x.py::test_y[1]"), {"tests/test_x.py::test_y"}, "is new"),
        (
            {"status": 1, "tests": run_of("a")["tests"] | {"b": {"worker": "", "skipped": True}}},
            set(),
            "b was skipped",
        ),
    ],
)
def test_what_never_gets_a_second_look(run, new, why, monkeypatch):
    monkeypatch.setenv("AMPARO_NO_SKIP", "1")
    assert any(why in each for each in again.refusals(run, again.failures(run["tests"]), new, TODAY))
    four = run_of(*"abcd")  # the control
    assert again.refusals(four, again.failures(four["tests"]), set(), TODAY) == []


def test_a_listed_one_gets_none_after_its_date(tmp_path, monkeypatch):
    monkeypatch.setattr(again, "LIST", tmp_path / "flaky.toml")
    again.LIST.write_text('[[flaky]]\ntest = "a"\nsince = 2026-11-20\nuntil = 2026-12-01\n')
    run = run_of("a")
    assert again.refusals(run, again.failures(run["tests"]), set(), TODAY) == []
    assert again.refusals(run, again.failures(run["tests"]), set(), TODAY + timedelta(days=1)) != []


def test_a_promise_must_pass_five_times(monkeypatch):
    results = iter([True, True, True, True, False])
    monkeypatch.setattr(again, "passes", lambda *_: next(results))
    assert again.why_broken(again.Failure("tests/test_promises/test_p01.py::test_it", "", ())).startswith("fails alone")
    assert next(results, None) is None


@pytest.mark.parametrize(
    ("results", "broken"),
    [("y", False), ("nyyyy", False), ("nynyy", False), ("nynny", True), ("nnnnn", True)],
)
def test_one_failure_of_the_second_look_is_checked_by_four_more_runs(monkeypatch, results, broken):
    left = iter(results)
    monkeypatch.setattr(again, "passes", lambda *_: next(left) == "y")
    assert bool(again.why_broken(again.Failure("tests/test_example.py::test_it", "", ()))) is broken
    assert next(left, None) is None


@pytest.mark.parametrize(
    ("since", "until", "many", "well"),
    [(0, 14, 1, True), (-15, -1, 1, False), (0, 15, 1, False), (0, 14, 10, True), (0, 14, 11, False)],
)
def test_the_list_has_an_end(tmp_path, monkeypatch, since, until, many, well):
    monkeypatch.setattr(again, "LIST", tmp_path / "flaky.toml")
    row = f'[[flaky]]\ntest = "a"\nsince = {TODAY + timedelta(since)}\nuntil = {TODAY + timedelta(until)}\n'
    again.LIST.write_text(row * many)
    assert (again.overdue(TODAY) == []) is well


def test_the_check_of_the_code_looks_at_the_list(tmp_path, monkeypatch):
    from tests import check

    monkeypatch.setattr(again, "LIST", tmp_path / "flaky.toml")
    check.flaky_tests()  # the control: none is listed
    again.LIST.write_text('[[flaky]]\ntest = "a"\nsince = 2020-01-01\nuntil = 2020-01-02\n')
    with pytest.raises(SystemExit):
        check.flaky_tests()
