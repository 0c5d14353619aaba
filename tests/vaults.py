"""A key folder for one test that rotates or destroys keys, so that other tests keep theirs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import connection

from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.vault.wrapping import keyring


@contextmanager
def own_keys(home: Path, **environment: object) -> Iterator[Path]:
    """Keys are stored in this home from now on; secrets for signing and sign-in stay the same."""
    before = settings.ENVIRONMENT
    (home / "run").mkdir(parents=True, exist_ok=True)
    if not (home / "keys").exists():
        shutil.copytree(before.home / "keys", home / "keys", ignore=shutil.ignore_patterns("file", "age"))
    settings.ENVIRONMENT = replace(before, home=home, **environment)
    keyring.cache_clear()
    try:
        yield home
    finally:
        settings.ENVIRONMENT = before
        keyring.cache_clear()


def process_environment(home: Path) -> dict[str, str]:
    """The environment of a process on the tests' database with the keys of this home."""
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"
    if at["PORT"]:
        url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "AMPARO_HOME": str(home)}


def dump(home: Path, *options: str) -> str:
    """pg_dump's output for the tests' database, as statements that psycopg can execute."""
    at = connection.settings_dict
    where = ("-h", at["HOST"], "-U", at["USER"], *(("-p", str(at["PORT"])) if at["PORT"] else ()))
    command = [DatabaseServer(home).program("pg_dump"), *where, "--inserts", *options, at["NAME"]]
    output = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": at["PASSWORD"]}, check=True, capture_output=True, text=True
    ).stdout
    return "\n".join(line for line in output.splitlines() if not line.startswith("\\"))
