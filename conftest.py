"""Every test runs against real PostgreSQL: the embedded server in a home of its own, or DATABASE_URL.

The embedded server starts from a copy of a prepared cluster (tests/prepared.py). `make test` runs up to three
workers side by side, each with a server and ports of its own (tests/ports.py); the controller has none.
"""

import fcntl
import gc
import hashlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.ports import RTP_OF_TESTS

# Files that take minutes and share nothing but the database: their tests may go to different workers.
SPLIT = {"test_every_person_every_page.py", "test_intake_goes_on.py"}
# Folders whose files share one hotline and what happened in it: their tests go to one worker.
TOGETHER = (
    "tests/test_backup/",
    "tests/test_behind_a_web_server/",
    "tests/test_on_one_hotline/",
    "tests/test_processes_apart/",
    "amparo/demo/tests/",
)
CHECKOUT = Path(__file__).parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # "gw0", "gw1"; blank: the only process


# On a shared machine a slow example is no failure. A test with its own `suppress_health_check` must repeat `too_slow`.
settings.register_profile("shared", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

gc.disable()  # until all tests are collected: what is imported stays


def _home() -> str:
    """A folder per checkout, account and worker; short, because the path of a socket has at most 107 bytes."""
    name = hashlib.sha256(f"{CHECKOUT} {os.geteuid()} {WORKER}".encode()).hexdigest()[:12]
    return str(Path(tempfile.gettempdir()) / f"amparo-tests-{name}")


os.environ["AMPARO_HOME"] = _home()
os.environ["AMPARO_CONF"] = ""  # no test reads the settings of this machine
os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"  # in pyproject.toml it would be read before the home is set
if WORKER or "AMPARO_RTP_PORTS" not in os.environ:
    os.environ["AMPARO_RTP_PORTS"] = RTP_OF_TESTS

import django
from django.conf import settings
from django.test import override_settings

from amparo.catalogues import compile_stale
from amparo.foundation.core.database import DatabaseServer
from tests import again, left_behind, prepared

os.environ.setdefault("NUMBA_CACHE_DIR", str(prepared.CACHE / "compiled"))  # compiled once for all processes
compile_stale()
django.setup()  # before the conftest.py of a room that was named on the command line

pytest_plugins = ["tests.people"]


def pytest_configure(config: pytest.Config) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends a run as Ctrl+C does: servers stop too
    if not WORKER:
        _refuse_a_second_run(config)
        config.pluginmanager.register(again.Recorder())
    if _only_hands_out(config):
        del os.environ[
            "DJANGO_SETTINGS_MODULE"
        ]  # a worker that inherits it reads the settings before its home is known
        gc.enable()  # it collects nothing itself
    if not _only_hands_out(config):
        left_behind.watch()
    if _needs_a_server(config):
        server = DatabaseServer(settings.ENVIRONMENT.home)
        left_behind.note_cluster(server.data)
        prepared.start(server)
        config.option.reuse_db = True


def _refuse_a_second_run(config: pytest.Config) -> None:
    """Two runs in one checkout would stop each other's database and delete its data."""
    lock = os.open(f"{_home()}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    config.add_cleanup(lambda: os.close(lock))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pytest.exit("Other tests run in this checkout: wait for their end, or use another clone.", returncode=4)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _needs_a_server(config):
        DatabaseServer(settings.ENVIRONMENT.home).stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that need root, unless we are root."""
    if os.geteuid() != 0:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("as_root")])
        items[:] = [item for item in items if not item.get_closest_marker("as_root")]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays to the end, so the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


class ByFile(LoadScopeScheduling):
    """A file goes to one worker, because its tests may share a hotline. So does a folder of TOGETHER; tests of SPLIT go
    one by one.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        if Path(file).name in SPLIT:
            return nodeid
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


def _needs_a_server(config: pytest.Config) -> bool:
    return not settings.ENVIRONMENT.database_url and not _only_hands_out(config)


def _only_hands_out(config: pytest.Config) -> bool:
    return bool(config.getoption("tx", None)) and not hasattr(config, "workerinput")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where nothing may be skipped, a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("AMPARO_NO_SKIP") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped, and none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """pytest-django adds the worker to the database's name; a worker with its own server keeps the name of the copy."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    if worker and settings.ENVIRONMENT.database_url:
        settings.DATABASES["default"]["TEST"]["NAME"] += f"_{worker}"


@pytest.fixture(autouse=True, scope="session")
def emptied_by_deleting() -> Iterator[None]:
    from tests.emptying import by_deleting

    with pytest.MonkeyPatch.context() as patch:
        by_deleting(patch)
        yield


@pytest.fixture(autouse=True, scope="session")
def keeps_statements_prepared() -> Iterator[None]:
    from tests.prepared_statements import kept_at_rollback

    with pytest.MonkeyPatch.context() as patch:
        kept_at_rollback(patch)
        yield


@pytest.fixture(autouse=True)
def spares_work() -> Iterator[None]:
    """Checking a password deliberately takes long, and each client of a test would list all static files.
    test_guessing.py measures the one, and hotlines of tests do both.
    """
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
    with override_settings(PASSWORD_HASHERS=[hasher], WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def keeps_shipped_line_settings() -> None:
    """Each test begins with the settings and words that Amparo ships; `keep` of their rules gives it others."""
    from amparo.foundation.line_settings import rules
    from amparo.foundation.words import rules as words

    rules.keep(rules.LineSettings())
    words.keep({})


@pytest.fixture(autouse=True)
def signs_in_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    """`force_login` stands for a full sign-in with both factors; password-only sign-in has tests of its own."""
    from django.test import Client

    from tests.full_session import full_session

    by_itself = Client.force_login

    def force_login(client: Client, user: object, backend: str | None = None) -> None:
        by_itself(client, user, backend)
        session = client.session
        session.update(full_session())
        session.save()

    monkeypatch.setattr(Client, "force_login", force_login)
