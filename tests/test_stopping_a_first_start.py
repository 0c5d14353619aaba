"""A first start that still prepares its home obeys a stop, and leaves a home that the next start can use."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg
import pytest

from amparo.demo.people import PEOPLE
from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.home_kind import FILE

from .hotline import CHECKOUT, GRACE, PATIENCE, Hotline

pytestmark = pytest.mark.timeout(900)
MIGRATIONS = "select count(*) from django_migrations"
INVENTED = "select count(*) from access_user where is_invented"


@pytest.fixture
def new():
    it = Hotline()
    yield it
    it.clear_away()


@contextmanager
def counting(it: Hotline, query: str) -> Iterator[Callable[[], int]]:
    """Count by one connection, made as soon as the database can be reached: a connection for each look costs more."""
    with ExitStack() as links:
        found: list[psycopg.Connection] = []

        def count() -> int:
            """0 while there is no database, or no such table."""
            try:
                if not found:
                    link = psycopg.connect(DatabaseServer(it.home).url(), autocommit=True)
                    found.append(links.enter_context(closing(link)))
                return found[0].execute(query).fetchone()[0]
            except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
                return 0

        yield count


def stop_when(it: Hotline, is_there: Callable[[], bool]) -> int:
    """Start it, send SIGTERM in the moment when something is there, and return the exit status."""
    with it.log.open("a") as log:
        command = [sys.executable, "-m", "amparo", "run"]
        it.process = subprocess.Popen(command, cwd=CHECKOUT, env=it.environment, stdout=log, stderr=log)
    end = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < end
        assert it.process.poll() is None, it.log.read_text()
        time.sleep(0.02)
    it.process.send_signal(signal.SIGTERM)
    return it.process.wait(GRACE)


def counted(it: Hotline, query: str) -> int:
    with counting(it, query) as count:
        return count()


def afterwards(it: Hotline, query: str) -> int:
    with it.database_alone():
        return counted(it, query)


def test_it_is_stopped_at_any_step_and_the_next_start_goes_on(new):
    assert stop_when(new, (new.home / FILE).exists) == 0
    migrated = afterwards(new, MIGRATIONS)
    with counting(new, INVENTED) as invented:
        assert stop_when(new, lambda: invented() > 0) == 0
    assert afterwards(new, MIGRATIONS) > migrated  # the control: the first stop came before the last migration
    assert 0 < afterwards(new, INVENTED) < len(PEOPLE)
    new.start()
    assert counted(new, INVENTED) == len(PEOPLE)
    assert "Traceback" not in new.log.read_text()
