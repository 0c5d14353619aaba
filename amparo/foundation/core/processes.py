"""`amparo run`: the database and our own processes, started together, kept alive together, stopped together.

For a laptop and a small server; where each process is a unit of the system's own, this is not needed.
"""

import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from . import accounts
from .children import Child, Leash, Work
from .database import Server
from .environment import Environment
from .home import tighten
from .refusal import Misconfigured

PATIENCE = 60  # seconds until everything must be ready


class ProcessGroup:
    """Everything `amparo run` starts: what the line needs, and `more` of the same once it is ready.

    `load` imports what the children share, and opens nothing. `prepare` brings the database to its newest form in a
    child that ends; `welcome` is printed by another.
    """

    def __init__(
        self,
        environment: Environment,
        load: Callable[[], None],
        prepare: Work,
        welcome: Work,
        children: dict[str, Work],
        more: tuple[str, ...] = (),
    ) -> None:
        self.environment, self.load, self.prepare, self.welcome = environment, load, prepare, welcome
        self.works, self.more = children, more
        self.children: list[Child] = []
        self.server = None if environment.database_url else Server(environment.home)
        self._leaving = False

    def run(self) -> None:
        """Start, welcome the person, keep all alive until a signal; then stop what we started."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._leave)
        lock = LockFile(_pid_file(self.environment))
        try:
            check_ports(self.environment)
            os.environ["AMPARO_HOME"] = str(self.environment.home)  # another account would look for its own
            tighten(self.environment.home)
            apart = self._are_apart()
            if self.server:
                self.server.start()
            leash = Leash(lock.file.fileno())
            self.load()
            if status := Child("prepare", self.prepare, leash).run_to_its_end():
                sys.exit(status)  # it has said why
            self.children = [Child(name, work, leash, apart=apart) for name, work in self.works.items()]
            self._keep_alive_until(self._is_ready, within=PATIENCE)
            if not self._leaving:
                Child("welcome", self.welcome, leash).run_to_its_end()
            self.children += [Child(name, self.works[name], leash, apart=apart) for name in self.more]
            self._keep_alive_until(lambda: False)
        finally:
            self._stop()
            lock.close()

    def _are_apart(self) -> bool:
        """Started as root, each process runs under an account of its own and reads only the keys that it needs."""
        if not accounts.are_apart():
            return False
        accounts.make_all()
        accounts.refuse_closed_way(self.environment.home, accounts.of("web"))
        if not accounts.give_each_process_its_own():  # a checkout below /root: all run as root, and we say so
            return False
        _refuse_ports_of_root(self.environment)
        return True

    def _keep_alive_until(self, done: Callable[[], bool], within: float | None = None) -> None:
        end = time.monotonic() + within if within else None
        while not self._leaving and not done():
            if end and time.monotonic() > end:
                raise Misconfigured(f"Amparo was not ready after {PATIENCE} s; {self._culprit()} is not answering.")
            for child in self.children:
                child.keep_alive()
            self._raise_the_database()
            time.sleep(0.2)

    def _raise_the_database(self) -> None:
        """Again and again while it cannot start, as on a full disk: whoever calls meanwhile is answered."""
        if self.server and not self.server.is_listening():
            try:
                self.server.start()
            except Misconfigured as sentence:
                print(f"amparo: {sentence}", file=sys.stderr)

    def _is_ready(self) -> bool:
        return health(self.environment)[0]

    def _culprit(self) -> str:
        return next((name for name, state in health(self.environment)[1].items() if state != "ok"), "the web")

    def _leave(self, number: int, frame: FrameType | None) -> None:
        self._leaving = True

    def _stop(self) -> None:
        for child in self.children:
            child.stop()
        for child in self.children:
            child.wait()
        if self.server:
            self.server.stop()


class LockFile:
    """Held while `amparo run` lives; `amparo stop` reads whom to end from it."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("ab", buffering=0)  # on a full disk nothing is left to be written when it is closed
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(
                f"Amparo is already running in {path.parent.parent}: stop it with `make stop`, or set AMPARO_HOME."
            ) from error
        self.file.truncate(0)
        self.file.write(str(os.getpid()).encode())

    def close(self) -> None:
        self.file.truncate(0)
        self.file.close()


def stop(environment: Environment) -> None:
    """`amparo stop`: end a running `amparo run`; without one, the database that a killed one left behind."""
    with _pid_file(environment).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            os.kill(int(file.read()), signal.SIGTERM)
            fcntl.flock(file, fcntl.LOCK_EX)
            return
    if not environment.database_url:
        Server(environment.home).stop()


def _pid_file(environment: Environment) -> Path:
    return environment.home / "run" / "amparo.pid"


def check_ports(environment: Environment) -> None:
    """Refuse a taken port before anything is started."""
    for host in environment.hosts:
        _bind(socket.SOCK_STREAM, host, environment.http_port, "AMPARO_HTTP_PORT")
        _bind(socket.SOCK_STREAM, host, environment.sip_port, "AMPARO_SIP_PORT")
        _bind(socket.SOCK_DGRAM, host, environment.sip_port, "AMPARO_SIP_PORT")
        if environment.sip_tls is not None:
            _bind(socket.SOCK_STREAM, host, environment.sip_tls_port, "AMPARO_SIP_TLS_PORT")


def _refuse_ports_of_root(environment: Environment) -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    for setting, port in (("AMPARO_HTTP_PORT", environment.http_port), ("AMPARO_SIP_PORT", environment.sip_port)):
        if port < first:
            raise Misconfigured(
                f"{setting}={port} is for root alone, and our processes have accounts of their own: "
                f"set {setting} to one from {first} on, and put a web server before it."
            )


def _bind(kind: socket.SocketKind, host: str, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections of our last run linger
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                sentence = f"The address {host} is not this machine's: set AMPARO_HOST to another."
            elif error.errno == errno.EACCES:
                sentence = f"This account may not open port {port}: set {setting} to one from 1024 on."
            else:
                sentence = f"Port {port} on {host} is taken by another program: set {setting} to another."
            raise Misconfigured(sentence) from error


def health(environment: Environment) -> tuple[bool, dict[str, str]]:
    """What /healthz says: all well, and each part's state."""
    try:
        with urllib.request.urlopen(environment.web_address + "healthz", timeout=3) as answer:
            parts = json.load(answer)
    except urllib.error.HTTPError as error:
        parts = json.load(error)
    except (OSError, http.client.HTTPException):  # it went in the middle of its answer
        return False, {"web": "away"}
    return parts.pop("status") == "ok", parts
