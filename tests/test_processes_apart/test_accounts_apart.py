"""Started as root, each process of ours has an account of its own, and no account reads a key that it does not need."""

import pwd
import re
import subprocess
from pathlib import Path

import pytest

from amparo.foundation.core import accounts, process_environment
from amparo.foundation.core.home import SECRETS
from tests.hotline import CHECKOUT

pytestmark = pytest.mark.as_root
WEB, WORKER, SWITCHBOARD, SEALER = (accounts.account_of(name) for name in ("web", "worker", "switchboard", "sealer"))
EVERYBODY = (WEB, WORKER, SWITCHBOARD, SEALER, accounts.account_of("network"), accounts.DATABASE)
READERS = {
    "keys/acting": {WEB, WORKER, SWITCHBOARD},
    "keys/django": {WEB},
    "keys/database-web": {WEB},
    "keys/database-site": {WEB},
    "keys/database-worker": {WORKER},
    "keys/database-switchboard": {SWITCHBOARD},
    "keys/database-sealer": {SEALER},
    "keys/ledger": {SEALER},
}


def make_keys_of_another_agency() -> None:
    """As a program of ours does where one is first needed, while the hotline runs."""
    from amparo.foundation.vault.wrapping import keyring

    keyring().current(2)
    keyring().search_key(1)


def readers(path: Path) -> set[str]:
    """Which accounts can read it, each of them asked for itself."""
    command = ["head", "-c", "1", str(path)]
    return {
        account
        for account in EVERYBODY
        if subprocess.run(command, capture_output=True, **accounts.account_options(account)).returncode == 0
    }


def account_of(pid: int) -> str:
    """Not the owner of /proc/PID: of a process that gave up root, that is root."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    [uid] = set(lines["Uid"].split())
    return pwd.getpwuid(int(uid)).pw_name


def test_each_process_runs_under_its_own_account(line):
    found = {name: {account_of(pid) for pid in pids} for name, pids in line.processes().items()}
    assert found.pop("run") == {"root"}  # which made the accounts, and starts again what has died
    assert found.pop("postgres") == {accounts.DATABASE}
    assert found == {
        name: {accounts.account_of(name)} for name in ("web", "worker", "switchboard", "sealer", "network")
    }


def test_each_secret_is_read_by_whom_it_is_for(line):
    assert {f"keys/{name}" for name in SECRETS} == set(READERS)
    for name, who in READERS.items():
        assert readers(line.home / name) == who, name
    for path in (line.home / "keys").iterdir():
        assert path.is_dir() or f"keys/{path.name}" in READERS, path


def test_the_switchboard_reads_the_keys_of_the_hotline_and_of_no_other_agency(line):
    line.do(make_keys_of_another_agency)
    keys = {path.relative_to(line.home / "keys"): readers(path) for path in line.home.glob("keys/file/*/*")}
    of_the_hotline = {name: who for name, who in keys.items() if name.parent == Path("file/1")}
    others = {name: who for name, who in keys.items() if name not in of_the_hotline}
    assert of_the_hotline
    assert all(who == {WEB, WORKER, SWITCHBOARD} for who in of_the_hotline.values())
    assert others
    assert all(who == {WEB, WORKER} for who in others.values())


def test_nobody_else_reads_the_data_its_log_or_the_witnesses(line):
    assert readers(line.home / "postgres.log") == {accounts.DATABASE}
    assert readers(line.home / "postgres" / "PG_VERSION") == {accounts.DATABASE}
    files = list(line.home.glob("witnesses/*/*.jsonl"))
    assert files
    assert all(readers(path) == {SEALER} for path in files)


def test_the_control_what_is_open_is_found(line):
    open_to_all = line.home / "open"
    open_to_all.write_text("x")
    open_to_all.chmod(0o644)
    assert readers(open_to_all) == set(EVERYBODY)


def test_no_process_is_told_the_owners_password():
    given = {"DATABASE_URL": "postgresql://owner:secret@db.example/amparo?sslmode=verify-full&password=secret"}
    for name in process_environment.PROCESSES:
        assert process_environment.kept_for_process(name, given) == {
            "DATABASE_URL": "postgresql://owner@db.example/amparo?sslmode=verify-full"
        }


def test_every_setting_that_we_read_is_kept_somewhere():
    """A setting that is in neither list would be missing in each process, and nobody would know why."""
    code = [path.read_text() for path in (CHECKOUT / "amparo").rglob("*.py") if "tests" not in path.parts]
    names = set(re.findall(r"\bAMPARO_[A-Z_]*[A-Z]\b", "\n".join(code)))
    assert len(names) > 40  # the control: they are found
    assert names <= process_environment.OPEN | set(process_environment.SECRETS)
