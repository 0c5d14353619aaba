"""A database, accessed as its owner, and PostgreSQL's own programs that read and fill it through pipes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import psycopg
from django.db import OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.process_environment import kept_for_programs
from amparo.foundation.core.refusal import Misconfigured

# Nothing waits for the disk while a database is filled: an incomplete one is never used.
HASTE = "-c synchronous_commit=off -c maintenance_work_mem=256MB -c max_parallel_maintenance_workers=2"


@dataclass(frozen=True)
class Database:
    """One database of a PostgreSQL server: connects to it, and runs PostgreSQL's programs on it."""

    url: str
    server: DatabaseServer  # its programs are used, also for a server elsewhere

    @property
    def name(self) -> str:
        return str(conninfo_to_dict(self.url)["dbname"])

    def beside(self, name: str) -> "Database":
        """Return the database with this name on the same server."""
        return Database(make_conninfo(self.url, dbname=name), self.server)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            return psycopg.connect(self.url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            raise Misconfigured("The database does not answer: look at DATABASE_URL, or leave it unset.") from error

    @contextmanager
    def reading(self, program: str, *arguments: str) -> Iterator[IO[bytes]]:
        """Yield the output of one of PostgreSQL's programs, as a stream. Raises `Misconfigured` unless it succeeds."""
        process = self._start(program, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout
        assert process.stderr
        with process:
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
            complaints = process.stderr.read().decode(errors="replace").splitlines()
        if process.returncode:  # its messages name tables and versions, never a row
            raise Misconfigured(f"The database could not be read to its end. {complaints[-1] if complaints else ''}")

    @contextmanager
    def filling(self, *arguments: str) -> Iterator[IO[bytes]]:
        """Run pg_restore into this database, and yield the stream that it reads.

        Raises `Misconfigured` unless pg_restore takes everything.
        """
        options = ("--exit-on-error", "--no-owner", f"--dbname={self._address()}", *arguments)
        # Its messages may quote a row, so they are thrown away.
        process = self._start("pg_restore", *options, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdin
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before us; its exit status below says how
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode:
            raise Misconfigured("The database did not take the backup; its log says why, such as a full disk.")

    def fill(self, *arguments: str) -> None:
        """Run pg_restore on a file, which the arguments name."""
        with self.filling(*arguments):
            pass

    def _start(self, program: str, *arguments: str, **pipes: Any) -> subprocess.Popen[bytes]:
        password = conninfo_to_dict(self.url).get("password")
        # Every account on the machine could read an argument.
        secret = {"PGPASSWORD": str(password)} if password else {}
        where = () if program == "pg_restore" else (f"--dbname={self._address()}",)
        return subprocess.Popen(
            [self.server.program(program), *where, *arguments],
            env={**kept_for_programs(os.environ), **secret, "PGOPTIONS": HASTE, "LC_ALL": "C"},
            **pipes,
        )

    def _address(self) -> str:
        return make_conninfo(**{k: str(v) for k, v in conninfo_to_dict(self.url).items() if k != "password"})


def database_of(environment: Environment) -> Database:
    """Return the database of this installation."""
    server = DatabaseServer(environment.home)
    return Database(environment.database_url or server.url(), server)


@contextmanager
def outage_as_sentence(done: str) -> Iterator[None]:
    """Raise `Misconfigured` if the disk is full or the database away anywhere in this block.

    `done` completes its sentence "It could not be ...": "restored".
    """
    try:
        yield
    except (OSError, psycopg.OperationalError, OperationalError) as error:
        why = getattr(error, "strerror", None) or "the log of the database says why, such as a full disk"
        raise Misconfigured(f"It could not be {done} ({why}): nothing of it was kept.") from error
