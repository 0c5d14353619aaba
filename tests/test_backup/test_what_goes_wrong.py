"""Whatever is wrong with a backup or its place is said in a sentence, and nothing is half done."""

import fcntl
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.backups import Safe, back_up, sealed
from tests.hotline import CHECKOUT
from tests.small_disk import may_mount
from tests.test_backup.doing import CONTACTS, begun, is_untouched, restore, scratch_databases, wait_for

pytestmark = pytest.mark.timeout(600)


def wrong_identity(files, safe):
    return [*files, Safe(files[0].parent).file]


def cut(files, safe):
    content = files[0].read_bytes()
    files[0].write_bytes(content[: len(content) - 1000])
    return [*files, safe.file]


def flipped(files, safe):
    content = bytearray(files[0].read_bytes())
    content[-1000] ^= 1
    files[0].write_bytes(content)
    return [*files, safe.file]


def flipped_key_store(files, safe):
    content = bytearray(files[1].read_bytes())
    content[-100] ^= 1
    files[1].write_bytes(content)
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


@pytest.mark.soak
def test_a_disk_that_is_too_small_leaves_nothing_restored_until_there_is_room(house, safe):
    assert may_mount(), "this system lets nobody have a disk of their own: run the tests as root"
    files = [str(next(folder.iterdir())) for folder in (house.data, house.keys)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_backup.full_disk", *files, str(safe.file)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith(f"{house.do(sealed)}\n")


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
