"""The drill: a running hotline is backed up, its house burns down, and it serves again; without its keys, nothing."""

import fcntl
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.error

import psycopg
import pytest

from amparo.ground.backup.place import Place
from amparo.ground.core.database import Server

from .backups import CONTROL, WORDS, Safe, back_up, plant, rights, sealed
from .hotline import CHECKOUT, Hotline
from .hotline import hotline as running
from .leaks import found_in
from .staff import Staff

CONTACTS = 25

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    return Safe(tmp_path_factory.mktemp("safe"))


@pytest.fixture(scope="module")
def house(tmp_path_factory, safe):
    """A hotline in which people were heard, and a backup of it, made while it ran."""
    folder = tmp_path_factory.mktemp("backups")
    with running() as it:
        it.pages = it.do(plant, CONTACTS)
        it.data, it.keys = folder / "data", folder / "keys"
        it.said = back_up(it, safe, it.data, it.keys)
        assert it.health()["status"] == "ok"
        yield it


@pytest.fixture
def elsewhere():
    """An empty home on another day."""
    it = Hotline()
    try:
        yield it
    finally:
        it.clear_away()


def restore(it: Hotline, house: Hotline, safe: Safe, *options: str) -> subprocess.CompletedProcess[str]:
    return it.run("restore", str(house.data), "--identity", str(safe.file), *options)


def is_untouched(it: Hotline) -> bool:
    """No keys, no database, no mark of a restore: the next one may begin."""
    return not any((it.home / name).exists() for name in ("keys", "postgres", "restoring"))


def test_the_backup_was_checked_by_restoring_it(house):
    assert "restored to check: all rows there, 80 of 80 sealed fields opened" in house.said
    assert "own identity opens it was not tried" in house.said
    assert [p.suffixes for p in house.data.iterdir()] == [[".data", ".age"]]
    assert [p.suffixes for p in house.keys.iterdir()] == [[".keys", ".age"]]


def test_nothing_that_was_told_stands_in_it(house, tmp_path):
    server = Server(house.home)
    with Place(server.url(), server).reading("pg_dump") as said:
        (tmp_path / "plain.sql").write_bytes(said.read())
    hits = found_in([house.data, house.keys, tmp_path / "plain.sql"], [*WORDS, CONTROL])
    assert hits == {CONTROL: {"plain.sql"}}  # the control is found where it can be read, and only there


def test_with_its_keys_everything_is_open_and_served(house, safe, elsewhere):
    done = restore(elsewhere, house, safe, "--keys", str(house.keys))
    assert done.returncode == 0, done.stderr
    assert "with its keys, as of 20" in done.stdout
    before, rights_before = house.do(sealed), house.do(rights)
    assert before[0] == before[1] >= 4 * CONTACTS
    elsewhere.start()
    assert elsewhere.health()["status"] == "ok"
    assert elsewhere.do(sealed) == before
    assert elsewhere.do(rights) == rights_before
    ana = Staff(elsewhere)
    ana.sign_in()
    assert all(notes in ana.get(page) for page, notes in house.pages.items())
    assert "intact" in elsewhere.run("audit", "verify").stdout


def test_without_its_keys_it_serves_and_not_one_field_opens(house, safe, elsewhere):
    done = restore(elsewhere, house, safe)
    assert done.returncode == 0, done.stderr
    assert "WITHOUT the key store" in done.stdout
    elsewhere.start()
    there, opened = elsewhere.do(sealed)
    assert there >= 4 * CONTACTS
    assert opened == 0
    ana = Staff(elsewhere)
    assert "Traceback" not in ana.sign_in()
    for page in house.pages:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ana.get(page)
    anew = elsewhere.do(plant_one)  # and the line goes on
    assert next(iter(anew.values())) in ana.get(next(iter(anew)))
    assert "Traceback" not in elsewhere.log.read_text()


def plant_one() -> dict[str, str]:
    from amparo.ground.access.models import Agency

    Agency.objects.filter(name=CONTROL).delete()
    return plant(1)


@pytest.fixture
def theirs(house, elsewhere):
    """The empty home works on a database that somebody else made, under other names, whose owner is no superuser."""
    server = Server(house.home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        link.execute("create role their_owner login createrole createdb")
        link.execute("create database theirs owner their_owner template template0")
        elsewhere.settings["DATABASE_URL"] = f"postgresql://their_owner@/theirs?host={server.socket_folder}"
        yield link
        elsewhere.stop()
        link.execute("drop database theirs with (force)")
        for name in [row[0] for row in link.execute("select rolname from pg_roles where rolname like 'their%'")]:
            link.execute(f"drop owned by {name}")
            link.execute(f"drop role {name}")


def test_into_a_database_of_another_name_and_owner_and_back_out(house, safe, elsewhere, theirs, tmp_path):
    done = restore(elsewhere, house, safe, "--keys", str(house.keys))
    assert done.returncode == 0, done.stderr
    assert elsewhere.start().do(rights) == sorted(tuple(map(renamed, row)) for row in house.do(rights))
    elsewhere.settings["AMPARO_BACKUP_RECIPIENTS"] = safe.recipient
    folders = str(tmp_path / "data"), "--keys", str(tmp_path / "keys")
    blind = elsewhere.run("backup", *folders)  # the policies bind this owner: its backup would be empty
    assert blind.returncode == 2
    assert 'alter role "their_owner" bypassrls' in blind.stderr
    assert elsewhere.do(sealed) == (0, 0)
    theirs.execute("alter role their_owner bypassrls")
    assert elsewhere.do(sealed) == house.do(sealed)
    assert "80 of 80 sealed fields opened" in elsewhere.run("backup", *folders).stdout


def renamed(words: str | None) -> str | None:
    return words and re.sub(r"\bamparo_(?=[a-z]+\b)", "theirs_", words).replace("postgres", "their_owner")


def test_a_database_in_use_is_refused_and_stays(house, safe, elsewhere, theirs):
    with psycopg.connect(elsewhere.settings["DATABASE_URL"], autocommit=True) as link:
        link.execute("create table of_somebody_else ()")
        done = restore(elsewhere, house, safe, "--keys", str(house.keys))
        assert done.returncode == 2
        assert "holds tables already" in done.stderr
        link.execute("drop table of_somebody_else")
    assert is_untouched(elsewhere)


def test_the_data_alone_holds_no_key(house, safe, elsewhere, tmp_path):
    """Not even for whoever can open it; the control: the key store does."""
    from amparo.ground.backup.files import pour, read_head

    identities = (str(safe.identity),)
    data, keys = next(house.data.iterdir()), next(house.keys.iterdir())
    assert "public.vault_grant" not in read_head(data, identities).rows
    assert read_head(data, identities).files == {}
    assert read_head(keys, identities).rows == {"public.vault_grant": house.do(copies)}
    assert "django" in read_head(keys, identities).files
    with (tmp_path / "rows").open("wb") as rows:
        pour(data, identities, rows)
    assert b"vault_datakey" in (tmp_path / "rows").read_bytes()


def copies() -> int:
    from amparo.ground.vault.models import Grant

    return Grant.objects.count()


def test_what_was_forgotten_since_stays_forgotten(house, safe, elsewhere, tmp_path):
    """Old data with the newest key store; the control is the test above, where the same field opens."""
    with running() as it:
        it.do(plant, 3)
        back_up(it, safe, tmp_path / "data", tmp_path / "old")
        it.do(forget_one)
        back_up(it, safe, tmp_path / "newer", tmp_path / "keys", "--no-check")
        was = it.do(sealed)
    it.data = tmp_path / "data"
    done = restore(elsewhere, it, safe, "--keys", str(tmp_path / "keys"))
    assert done.returncode == 0, done.stderr
    elsewhere.start()
    there, opened = elsewhere.do(sealed)
    assert opened == was[1] < there


def forget_one() -> None:
    from amparo.ground.access.models import User
    from amparo.ground.core.acting import need_to_know
    from amparo.line.contacts.models import Contact

    with need_to_know(User.objects.get(username="ana").acting()):
        Contact.objects.order_by("number").first().key.forget()


def wrong_identity(files, safe):
    return [*files, Safe(files[0].parent).file]


def cut(files, safe):
    whole = files[0].read_bytes()
    files[0].write_bytes(whole[: len(whole) - 1000])
    return [*files, safe.file]


def flipped(files, safe):
    whole = bytearray(files[0].read_bytes())
    whole[-1000] ^= 1
    files[0].write_bytes(whole)
    return [*files, safe.file]


def flipped_key_store(files, safe):
    whole = bytearray(files[1].read_bytes())
    whole[-100] ^= 1
    files[1].write_bytes(whole)
    return [*files, safe.file]


def no_backup(files, safe):
    files[0].write_text("a recipe for soup")
    return [*files, safe.file]


def changed_about(files, safe):
    return [files[1], files[0], safe.file]


def no_identity(files, safe):
    return [*files, files[0]]


def nothing_there(files, safe):
    return [files[0].parent / "nowhere", files[1], safe.file]


WRONG = {
    wrong_identity: "does not open",
    cut: "is damaged",
    flipped: "is damaged",
    flipped_key_store: "is damaged",
    no_backup: "no backup",
    changed_about: "name the other file",
    no_identity: "not the file of an age identity",
    nothing_there: "no backup of the data",
}


@pytest.mark.parametrize("spoil", WRONG, ids=lambda f: f.__name__)
def test_what_cannot_be_restored_is_said_in_a_sentence(house, safe, elsewhere, tmp_path, spoil):
    files = [shutil.copy(next(folder.iterdir()), tmp_path / folder.name) for folder in (house.data, house.keys)]
    data, keys, identity = spoil(files, safe)
    done = elsewhere.run("restore", str(data), "--keys", str(keys), "--identity", str(identity))
    assert (done.returncode, done.stdout) == (2, "")
    assert WRONG[spoil] in done.stderr
    assert done.stderr.count("\n") == 1
    assert is_untouched(elsewhere)


def test_a_home_in_use_is_refused(house, safe):
    done = restore(house, house, safe, "--keys", str(house.keys))
    assert done.returncode == 2
    assert "already running" in done.stderr
    assert house.do(sealed)[1] >= 4 * CONTACTS


def test_a_home_that_holds_a_hotline_is_refused(house, safe, elsewhere):
    (elsewhere.home / "keys").mkdir()
    (elsewhere.home / "keys" / "django").write_text("of somebody's hotline")
    done = restore(elsewhere, house, safe, "--keys", str(house.keys))
    assert done.returncode == 2
    assert "holds the keys of a hotline" in done.stderr
    assert (elsewhere.home / "keys" / "django").read_text() == "of somebody's hotline"


def test_a_backup_nobody_can_open_is_refused(house, tmp_path):
    house.settings.pop("AMPARO_BACKUP_RECIPIENTS")
    done = house.run("backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"))
    assert done.returncode == 2
    assert "AMPARO_BACKUP_RECIPIENTS" in done.stderr
    for folder, why in (("data", "folder of its own"), (None, "AMPARO_BACKUP_KEYS")):
        keys = ["--keys", str(tmp_path / folder)] if folder else []
        done = house.run("backup", str(tmp_path / "data"), *keys)
        assert done.returncode == 2
        assert why in done.stderr


def test_a_full_disk_leaves_no_backup(house, safe, tmp_path):
    settings = {**house.environment, "AMPARO_BACKUP_RECIPIENTS": safe.recipient}
    full = 100_000  # bytes that a file may have
    done = subprocess.run(
        [sys.executable, "-m", "amparo", "backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")],
        cwd=CHECKOUT, env=settings, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, full)),
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot take the backup (File too large)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [*(tmp_path / "data").iterdir(), *(tmp_path / "keys").iterdir()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_backup_does_not_look_whole(house, safe, tmp_path, number):
    data, keys = tmp_path / "data", tmp_path / "keys"
    with begun(house, safe, "backup", str(data), "--keys", str(keys)) as process:
        wait_for(lambda: list(data.glob("*.part")) if data.exists() else False)
        process.send_signal(number)
    assert not list(tmp_path.glob("*/*.age"))
    assert bool(list(data.glob("*.part"))) == (number == signal.SIGKILL)
    back_up(house, safe, data, keys)
    assert [path.suffix for path in (*data.iterdir(), *keys.iterdir())] == [".age", ".age"]
    assert scratch_databases(house) == []


def test_a_restore_that_was_killed_is_no_hotline_and_can_be_repeated(house, safe, elsewhere):
    words = ("restore", str(house.data), "--keys", str(house.keys), "--identity", str(safe.file))
    with begun(elsewhere, safe, *words) as process:
        wait_for((elsewhere.home / "restoring").exists)
        time.sleep(0.3)
        process.kill()
    elsewhere.run("stop")
    done = elsewhere.run("run")
    assert done.returncode == 2
    assert "was cut off" in done.stderr
    assert elsewhere.run(*words).returncode == 0
    assert elsewhere.start().do(sealed) == house.do(sealed)


def test_one_backup_at_a_time(house, safe, tmp_path):
    house.settings["AMPARO_BACKUP_RECIPIENTS"] = safe.recipient
    with (house.home / "run" / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = house.run("backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"))
    assert done.returncode == 2
    assert "being made already" in done.stderr


def test_how_far_it_is_stands_on_a_terminal_and_nowhere_else(capsys, monkeypatch):
    from amparo.ground.backup import progress

    for is_terminal, expected in ((True, "the data: 10 %"), (False, "")):
        monkeypatch.setattr("sys.stderr.isatty", lambda yes=is_terminal: yes)
        with progress.Progress("the data", total=100) as far:
            far.add(5)
            assert capsys.readouterr().err == ""  # nothing is said of what takes less than a second
            time.sleep(1.05)
            far.add(5)
            said = capsys.readouterr().err
        capsys.readouterr()  # the line is wiped
        assert expected in said
        assert bool(said) == is_terminal


def test_a_backup_waits_while_keys_are_rolled(house, safe, tmp_path):
    """Else it could hold copies under a key that was destroyed before it read the keys."""
    with (house.home / "run" / "roll.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with begun(house, safe, "backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(6)
            assert list(tmp_path.glob("*/*")) == []
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert process.wait(120) == 0


def begun(it: Hotline, safe: Safe, *words: str) -> subprocess.Popen[bytes]:
    settings = {**it.environment, "AMPARO_BACKUP_RECIPIENTS": safe.recipient}
    return subprocess.Popen([sys.executable, "-m", "amparo", *words], cwd=CHECKOUT, env=settings)


def wait_for(what) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def scratch_databases(it: Hotline) -> list[tuple]:
    with psycopg.connect(Server(it.home).url()) as link:
        return link.execute("select datname from pg_database where datname like '%check%'").fetchall()
