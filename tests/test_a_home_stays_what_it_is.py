"""A home is a real hotline's or a demonstration's for good: the wrong settings end the start, and change nothing."""

import hashlib
from pathlib import Path

import pytest

from amparo.foundation.backup.database import Database
from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.home_kind import FILE, PROGRAM, refuse_unsaid_kind
from amparo.foundation.core.refusal import Misconfigured

from .backups import Safe
from .hotline import Hotline, furnish

pytestmark = pytest.mark.timeout(600)
COMMANDS = (
    ("run",), ("web",), ("worker",), ("switchboard",), ("sealer",), ("network",), ("stop",), ("backup", "nowhere"),
    ("staff", "add", "eva"), ("keys", "roll"), ("canary", "C-2031"), ("directory", "export", "nowhere/services"),
    ("audit", "verify"), ("demo", "call"), ("demo", "history"), ("shell", "-c", "print(1)"),
)  # fmt: skip


def started_once(demo: str) -> Hotline:
    it = Hotline(AMPARO_DEMO=demo)
    furnish(it.home, demo)
    return it


@pytest.fixture(scope="module")
def real():
    it = started_once("0")
    with it.database_alone():
        added = it.run("staff", "add", "pilar", "--name", "Pilar")
    assert added.returncode == 0, added.stderr
    yield it
    it.clear_away()


@pytest.fixture(scope="module")
def demonstration():
    it = started_once("1")
    yield it
    it.clear_away()


@pytest.fixture
def another_home():
    it = Hotline()
    yield it
    it.clear_away()


def files(home: Path) -> dict[str, str]:
    """The digest of each file of a home, and a word for what is no file."""
    found = {str(path.relative_to(home)): path for path in home.rglob("*")}
    return {name: hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "-" for name, p in found.items()}


def rows(it: Hotline) -> str:
    """A digest of all rows of a hotline's database."""
    with it.database_alone():
        server = DatabaseServer(it.home)
        with Database(server.url(), server).reading("pg_dump", "--data-only", "--restrict-key=a") as dump:
            return hashlib.sha256(dump.read()).hexdigest()


def with_demo(it: Hotline, value: str, *words: str):
    """Run a command with another value of AMPARO_DEMO; blank: without the setting."""
    other = Hotline(it.home, **{**it.settings, "AMPARO_DEMO": value})
    if not value:
        del other.settings["AMPARO_DEMO"]
    return other.run(*words)


def assert_refused(done, words: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_touches_a_real_home_without_its_settings(real, command):
    before = files(real.home)
    assert_refused(with_demo(real, "", *command), "is that of a real hotline: set AMPARO_DEMO=0")
    assert files(real.home) == before


@pytest.mark.parametrize("command", [("run",), ("staff", "add", "eva")], ids=" ".join)
def test_no_command_makes_a_real_hotline_of_a_demonstration(demonstration, command):
    before = files(demonstration.home)
    assert_refused(with_demo(demonstration, "0", *command), "is that of a demonstration")
    assert files(demonstration.home) == before


def test_a_real_hotline_has_no_invented_callers(real):
    assert_refused(real.run("demo", "call"), "a real hotline has no invented callers")


@pytest.mark.parametrize(("kind", "other"), [("real", "1"), ("demonstration", "0")])
def test_an_older_home_is_known_by_its_people_and_gets_no_row(real, demonstration, kind, other):
    it = real if kind == "real" else demonstration
    (it.home / FILE).unlink()
    before = rows(it)
    assert_refused(with_demo(it, other, "run"), f"The database is that of a {kind}")
    assert not (it.home / FILE).exists()
    assert rows(it) == before
    assert_refused(with_demo(it, "1", "demo", "call"), "does not say yet what it is")
    on_disk = files(it.home)
    it.start()
    assert it.stop() == 0
    assert (it.home / FILE).read_text() == f"{kind}\n"
    assert files(it.home) != on_disk  # the controls: with its own settings it starts, and writes files and rows
    assert rows(it) != before


@pytest.mark.parametrize("word", ["", "perhaps"])
def test_a_home_that_says_nothing_we_know_is_not_started(another_home, word):
    (another_home.home / FILE).write_text(word)
    assert_refused(another_home.run("run"), f"{another_home.home / FILE} cannot be read, or says neither")


def test_a_restore_keeps_what_the_backup_was(real, another_home, tmp_path):
    safe = Safe(tmp_path)
    real.settings["AMPARO_BACKUP_RECIPIENTS"] = safe.recipient
    with real.database_alone():
        made = real.run("backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--no-check")
    assert made.returncode == 0, made.stderr
    words = ("restore", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--identity", str(safe.file))
    assert_refused(another_home.run(*words), "This backup is that of a real hotline")
    assert not [path for path in another_home.home.iterdir() if path.name in ("keys", "postgres", FILE)]
    another_home.settings["AMPARO_DEMO"] = "0"
    assert another_home.run(*words).returncode == 0
    assert (another_home.home / FILE).read_text() == "real\n"


def test_beyond_a_checkout_the_setting_has_no_default(monkeypatch, tmp_path):
    monkeypatch.delenv("AMPARO_DEMO", raising=False)
    home, installed = tmp_path / "home", tmp_path
    with pytest.raises(Misconfigured, match="write AMPARO_DEMO=0 into"):
        refuse_unsaid_kind(home, installed)
    refuse_unsaid_kind(home, PROGRAM)  # the controls: a checkout, a home that knows it, and what was said
    home.mkdir()
    (home / FILE).write_text("demonstration")
    refuse_unsaid_kind(home, installed)
    (home / FILE).unlink()
    monkeypatch.setenv("AMPARO_DEMO", "1")
    refuse_unsaid_kind(home, installed)
