"""What the tests of backups do with a hotline."""

import signal
import subprocess
import sys
import time

import psycopg

from amparo.foundation.core.database import DatabaseServer
from tests.backups import Safe
from tests.hotline import CHECKOUT, Hotline

CONTACTS = 25


def restore(it: Hotline, house: Hotline, safe: Safe, *options: str) -> subprocess.CompletedProcess[str]:
    return it.run("restore", str(house.data), "--identity", str(safe.file), *options)


def is_untouched(it: Hotline) -> bool:
    """No keys, no database, no mark of a restore: the next one may begin."""
    return not any((it.home / name).exists() for name in ("keys", "postgres", "restoring"))


def begun(it: Hotline, safe: Safe, *words: str) -> subprocess.Popen[bytes]:
    """As typed at a terminal, where Ctrl-C ends it: what a script starts in its background would ignore it."""
    settings = {**it.environment, "AMPARO_BACKUP_RECIPIENTS": safe.recipient}
    command = [sys.executable, "-m", "amparo", *words]
    return subprocess.Popen(command, cwd=CHECKOUT, env=settings, preexec_fn=_heeds_ctrl_c)


def _heeds_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(what) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def scratch_databases(it: Hotline) -> list[tuple]:
    with psycopg.connect(DatabaseServer(it.home).url()) as link:
        return link.execute("select datname from pg_database where datname like '%check%'").fetchall()
