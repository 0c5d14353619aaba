"""The real hotline for a browser to look at: `amparo run` in a home of its own, on ports of its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parent.parent
PATIENCE = 90  # seconds to start, on a loaded machine
GRACE = 30  # seconds to stop
RTP_PORTS = "32000-33999"  # beside those of the other tests


@dataclass(frozen=True)
class Hotline:
    home: Path
    address: str  # http://localhost:<port>, where browsers allow the microphone
    sip_port: int
    _inside: ProcessPoolExecutor

    def do[R](self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `work`, a function of a module, in a process that has this hotline's settings and database."""
        return self._inside.submit(work, *args, **kwargs).result(timeout=PATIENCE)


@contextmanager
def hotline(**settings: str) -> Iterator[Hotline]:
    """Started and answering; stopped, and its home gone, at the end."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="amparo-hotline-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        http_port, sip_port = free_port(), free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "AMPARO_HOME": str(home),
            "AMPARO_HTTP_PORT": str(http_port),
            "AMPARO_SIP_PORT": str(sip_port),
            "AMPARO_RTP_PORTS": RTP_PORTS,
            "AMPARO_DEMO": "1",
            **settings,
        }
        log = stack.enter_context((home / "output").open("w+"))
        command = [sys.executable, "-m", "amparo", "run"]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        stack.callback(_stop, process)
        address = f"http://localhost:{http_port}"
        _wait(address, process, home / "output")
        inside = ProcessPoolExecutor(1, get_context("spawn"), initializer=_enter, initargs=(environment,))
        stack.enter_context(inside)
        yield Hotline(home, address, sip_port, inside)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"The hotline did not start:\n{log.read_text()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()


def _enter(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
