"""The database's tests once more, on PostgreSQL 17 as Debian ships it.

    python -m tests.soak             every test that uses the database of tests
    python -m tests.soak FOLDER ...  those of these folders or files

Needs Debian's postgresql-17 (`make soak` installs it). The server lives in a folder of its own, is reached by a socket
there, and is stopped and removed at the end. Tests plant rows past the gate, so they sign in as a superuser, as they do
in the embedded server; the processes of Amparo never do.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = Path("/usr/lib/postgresql/17/bin")
ACCOUNT = "postgres"  # of Debian's package: PostgreSQL refuses to run as root


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what uses the database of tests; a hotline of a test starts the embedded server, whatever runs here."""
    left_out = [item for item in items if not _uses_the_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _uses_the_database(item)]


def _uses_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def run(program: str, *arguments: str, **more: str) -> None:
    """Run one program of Debian's PostgreSQL; `more` is added to its environment. A failure ends the run."""
    is_root = os.geteuid() == 0
    done = subprocess.run(
        [PROGRAMS / program, *arguments],
        user=ACCOUNT if is_root else None, group=ACCOUNT if is_root else None, cwd="/",
        env={**os.environ, **more}, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{program} of Debian's PostgreSQL 17 failed: what it wrote above says why.")


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of an empty database there."""
    home, word = Path(tempfile.mkdtemp(prefix="amparo-soak-")), secrets.token_hex(16)
    secret = home / "secret"
    secret.write_text(word)
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        for path in (home, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    data = str(home / "data")
    try:
        run("initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}", "--locale=C.UTF-8")
        # The log says as little as the manual asks of whoever runs a server of their own.
        quiet = "-c log_min_error_statement=panic -c log_parameter_max_length_on_error=0 -c log_error_verbosity=terse"
        options = f"-k {home} -c listen_addresses='' -c fsync=off -c full_page_writes=off {quiet}"
        run("pg_ctl", "start", "--wait", "-D", data, f"--log={home / 'log'}", "-o", options)
        try:
            run("psql", "-h", str(home), "-U", "postgres", "-qc", "create database amparo", PGPASSWORD=word)
            yield f"postgresql://postgres:{word}@/amparo?host={home}"
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate", "-D", data)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main(folders: Sequence[str]) -> int:
    if not (PROGRAMS / "postgres").exists():
        sys.exit("Debian's PostgreSQL 17 is not here. Type: deploy/install postgresql-17")
    with server() as address:
        command = [sys.executable, "-m", "pytest", "-n2", "-p", "tests.soak", *folders]
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
