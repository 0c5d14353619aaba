"""A real hotline for tests, started by `amparo run`, in a home and on ports of its own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from amparo.foundation.core.database import DatabaseServer

from . import left_behind, prepared
from .ports import RTP_OF_HOTLINES, free_port

CHECKOUT = prepared.CHECKOUT
PATIENCE = 240  # seconds to start, on a machine that many share
GRACE = 120  # seconds to stop, there too
LONGEST_WORK = 600  # seconds
# What others wrote and our rooms import, which takes longest. None of it reads our settings while it is imported.
OTHERS = ["aiortc", "croniter", "django.contrib.postgres.fields", "django.db.models", "django.forms", "django.urls"]
OTHERS += ["markdown_it", "numpy", "openpyxl", "PIL.Image", "procrastinate", "psycopg_pool", "sqlparse"]


def beside_the_test() -> dict[str, str]:
    """The environment of a process of ours that works on the test's own database."""
    from django.conf import settings
    from django.db import connection

    from amparo.foundation.core.database import DatabaseServer

    now, name = settings.ENVIRONMENT, connection.settings_dict["NAME"]
    own = now.database_url and urlsplit(now.database_url)._replace(path=f"/{name}").geturl()
    url = own or DatabaseServer(now.home).url(name)
    return {**os.environ, "AMPARO_HOME": str(now.home), "DATABASE_URL": url}


class Hotline:
    """Start, stop and kill `amparo run`; usually used by `with hotline() as line`."""

    def __init__(self, home: Path | None = None, **settings: str) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="amparo-hotline-", dir="/tmp"))
        self.home.chmod(0o711)
        self.http_port, self.sip_port = free_port(), free_port()
        self.log = self.home / "output"
        self.settings = {
            "AMPARO_CONF": "",  # never the settings of this machine
            "AMPARO_HOME": str(self.home),
            "AMPARO_HTTP_PORT": str(self.http_port),
            "AMPARO_SIP_PORT": str(self.sip_port),
            "AMPARO_RTP_PORTS": RTP_OF_HOTLINES,
            "AMPARO_DEMO_HISTORY": "0",  # most tests expect a house without a past
            **settings,
        }
        self.program = CHECKOUT
        self.process: subprocess.Popen[bytes] | None = None
        self._inside: ProcessPoolExecutor | None = None

    @property
    def address(self) -> str:
        """An address on which browsers allow the microphone."""
        return f"http://localhost:{self.http_port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AMPARO_", "DATABASE_", "PYTEST"))}
        return {**inherited, **self.settings}

    def run(self, *arguments: str, patience: int = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run one `amparo` command to its end."""
        command = [sys.executable, "-m", "amparo", *arguments]
        return subprocess.run(
            command,
            cwd=self.program,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience,
        )

    def start(self) -> "Hotline":
        with self.log.open("a") as log:
            command = [sys.executable, "-m", "amparo", "run"]
            self.process = subprocess.Popen(command, cwd=self.program, env=self.environment, stdout=log, stderr=log)
        left_behind.note_process(self.process.pid)
        self.wait_until_well()
        return self

    @contextmanager
    def database_alone(self) -> Iterator["Hotline"]:
        """Only the database runs: enough for a backup, and for `do`. A start takes five seconds of work more."""
        server = DatabaseServer(self.home)
        server.start()
        try:
            yield self
        finally:
            self.leave_inside()
            server.stop()

    def wait_until_well(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.health().get("status") != "ok":
            if time.monotonic() > end or self.process is None or self.process.poll() is not None:
                raise AssertionError(f"not ready: {self.health()}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def health(self) -> dict[str, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError:
            return {"web": "away"}

    def do[R](self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `work`, a function of a module, in a process with this hotline's settings and database."""
        if self._inside is None:
            server = get_context("forkserver")  # a new process, with nothing of ours in it, forked from one with these
            server.set_forkserver_preload(OTHERS)
            self._inside = ProcessPoolExecutor(1, server, initializer=_enter, initargs=(self.environment,))
        return self._inside.submit(work, *args, **kwargs).result(timeout=LONGEST_WORK)

    def processes(self) -> dict[str, set[int]]:
        """Process ids of all our processes in this home, by command."""
        found: dict[str, set[int]] = defaultdict(set)
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                name = (folder / "comm").read_text().strip()
                settings = (folder / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it has just ended
            if words[1:3] == ["-m", "amparo"] and f"AMPARO_HOME={self.home}\0" in settings:
                # Forked children have the parent's command line, and a name of their own.
                found[name.removeprefix("amparo-") if name.startswith("amparo-") else words[3]].add(int(folder.name))
            elif words[0].endswith("/postgres") and str(self.home / "postgres") in words:
                found["postgres"].add(int(folder.name))
        return dict(found)

    def kill(self, *names: str) -> None:
        """kill -9, as a power cut would; without names, everything. "postgres" includes all its backends.

        Everything is killed until nothing is left: `amparo run` may start a process while we look for them.
        """
        end = time.monotonic() + GRACE
        while here := self.processes():
            for name in names or here:
                for pid in here.get(name, ()):
                    for each in (pid, *(children_of(pid) if name == "postgres" else ())):
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(each, signal.SIGKILL)
            if names:
                return
            assert time.monotonic() < end, f"not killed: {here}"

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send Ctrl-C, wait, and return the exit status."""
        self.leave_inside()
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(GRACE)

    def leave_inside(self) -> None:
        """End the process in which `do` works."""
        if self._inside is not None:
            self._inside.shutdown()
            self._inside = None

    def clear_away(self) -> None:
        try:
            self.stop()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
            if self.process is None or self.process.returncode != 0:
                self.run("stop")  # what a killed run left; one that ended well has stopped all itself
            shutil.rmtree(self.home, ignore_errors=True)


def children_of(parent: int) -> list[int]:
    """Process ids of a process's children, from /proc."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@contextmanager
def hotline(home: Path | None = None, *, months: int = 0, **settings: str) -> Iterator[Hotline]:
    """A started hotline that answers, perhaps with invented months behind it. At the end it is stopped and its home
    deleted. The home is prepared beforehand.
    """
    it = Hotline(home, **settings)
    if home is None and "DATABASE_URL" not in settings:
        furnish(it.home, settings.get("AMPARO_DEMO", "1"), months)
    try:
        yield it.start()
    finally:
        it.clear_away()


def furnish(home: Path, demo: str = "1", months: int = 0) -> None:
    """Prepare a home as a first start and Ctrl-C leave it: the next start takes a fraction of the time. Invented
    months end today, and follow from the rules of all rooms. They are built in a copy of the home without them.
    """
    name, made_from = f"home-{demo}", prepared.MADE_FROM
    if months:
        name, made_from = f"{name}-{months}-months-until-{date.today():%Y%m%d}", prepared.ALL
    prepared.copy(prepared.kept(name, partial(_start_once, demo, months), made_from), home)


def _start_once(demo: str, months: int) -> Path:
    it = Hotline(AMPARO_DEMO=demo)
    try:
        if months:
            furnish(it.home, demo)
        it.start()
        if months:
            built = it.run("demo", "history", "--months", str(months), patience=900)
            assert built.returncode == 0, built.stderr
        it.stop()
    except BaseException:
        it.clear_away()
        raise
    it.log.unlink()
    return it.home


def _enter(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="amparo.settings")
    import django

    django.setup()
