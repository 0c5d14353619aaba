"""Every test runs against real PostgreSQL: the embedded server in a home of its own, or DATABASE_URL.

Where two run beside each other (`pytest -n 2 --dist loadfile`), each worker has its own, and ports of its own; who only
hands tests out to them has none.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # "gw0", "gw1"; blank: nobody else


def _home() -> str:
    """A folder per checkout, account and worker; short, for a socket's path may have 107 bytes."""
    name = hashlib.sha256(f"{Path(__file__).parent} {os.geteuid()} {WORKER}".encode()).hexdigest()[:12]
    return str(Path(tempfile.gettempdir()) / f"amparo-tests-{name}")


def _rtp_ports() -> str:
    """Two thousand for each worker, below those of the hotlines that tests start."""
    first = 30000 - 2000 * int(WORKER.removeprefix("gw") or 0)
    return f"{first}-{first + 1999}"


os.environ["AMPARO_HOME"] = _home()
os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"  # in pyproject.toml it would be read before the home
if WORKER or "AMPARO_RTP_PORTS" not in os.environ:
    os.environ["AMPARO_RTP_PORTS"] = _rtp_ports()

import django
import psycopg
from django.conf import settings

from amparo.ground.core.database import Server

django.setup()  # before the conftest.py of a room that was named on the command line


def pytest_configure(config: pytest.Config) -> None:
    if _only_hands_out(config):
        del os.environ[
            "DJANGO_SETTINGS_MODULE"
        ]  # a worker that inherits it reads the settings before its home is known
    if _needs_a_server(config):
        server = Server(settings.ENVIRONMENT.home)
        server.start()
        _wait_for_no_disk(server)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _needs_a_server(config):
        Server(settings.ENVIRONMENT.home).stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only root can become somebody else."""
    if os.geteuid() != 0:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("as_root")])
        items[:] = [item for item in items if not item.get_closest_marker("as_root")]


def _needs_a_server(config: pytest.Config) -> bool:
    return not settings.ENVIRONMENT.database_url and not _only_hands_out(config)


def _only_hands_out(config: pytest.Config) -> bool:
    return bool(config.getoption("tx")) and not hasattr(config, "workerinput")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where nothing may be skipped, a skipped test is a red one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("AMPARO_NO_SKIP") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped, and none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _wait_for_no_disk(server: Server) -> None:
    """What a test wrote may be lost with the machine: a slow disk must make no test late."""
    with psycopg.connect(server.url(), autocommit=True) as link:
        for setting in ("fsync", "full_page_writes"):
            link.execute(f"alter system set {setting} = off")
        link.execute("select pg_reload_conf()")


@pytest.fixture(autouse=True, scope="session")
def emptied_by_deleting() -> Iterator[None]:
    from tests.emptying import by_deleting

    with pytest.MonkeyPatch.context() as patch:
        by_deleting(patch)
        yield


@pytest.fixture(autouse=True)
def signs_in_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    """`force_login` stands for a whole sign-in, with both factors; what a password alone opens has tests of its own."""
    from django.test import Client

    from tests.whole import marks_of_a_whole_sign_in

    by_itself = Client.force_login

    def force_login(client: Client, user: object, backend: str | None = None) -> None:
        by_itself(client, user, backend)
        session = client.session
        session.update(marks_of_a_whole_sign_in())
        session.save()

    monkeypatch.setattr(Client, "force_login", force_login)
