"""`amparo run`: start the database and our processes, keep them alive, and stop them together.

For a laptop and a small server. Not needed where the system's own service manager runs each process.
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
from .account_homes import refuse_shared_accounts
from .children import Child, Leash, Work
from .database import DatabaseServer
from .environment import Environment
from .home import close_home_to_others
from .refusal import Misconfigured

PATIENCE = 60  # seconds until everything must be ready


class ProcessGroup:
    """Everything that `amparo run` starts, keeps alive and stops.

    `load` imports what the children share, and opens nothing. `prepare` runs in a child that ends, and migrates the
    database. Then `children` are started: one process for each name. Once all is ready, `welcome` runs in a child and
    prints the first lines, and each name in `more` is started once more. `once` runs beside them, to its end.
    """

    def __init__(
        self,
        environment: Environment,
        load: Callable[[], None],
        prepare: Work,
        welcome: Work,
        children: dict[str, Work],
        more: tuple[str, ...] = (),
        once: dict[str, Work] | None = None,
    ) -> None:
        self.environment, self.load, self.prepare, self.welcome = environment, load, prepare, welcome
        self.works, self.more, self.once = children, more, once or {}
        self.children: list[Child] = []
        self.started_once: list[Child] = []
        self.server = None if environment.database_url else DatabaseServer(environment.home)
        self._stop_requested = False

    def run(self) -> None:
        """Start everything, keep it alive until a signal, then stop it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        lock = LockFile(_pid_file(self.environment))
        try:
            check_ports(self.environment)
            apart = prepare_machine(self.environment)
            leash = Leash(lock.file.fileno())
            if not self._has_prepared(leash):
                return
            self.children = [Child(name, work, leash, apart=apart) for name, work in self.works.items()]
            self._keep_alive_until(self._is_ready, within=PATIENCE)
            if not self._stop_requested:
                Child("welcome", self.welcome, leash).run_to_its_end(self._is_stopped)
            self.children += [Child(name, self.works[name], leash, apart=apart) for name in self.more]
            if not self._stop_requested:
                self._start_once(leash)
            self._keep_alive_until(lambda: False)
        finally:
            self._stop()
            lock.close()

    def _has_prepared(self, leash: Leash) -> bool:
        """Start the database, load our program and prepare the home. Returns False if a signal came meanwhile."""
        if self.server:
            self.server.start()
        if not self._stop_requested:
            self.load()
        if not self._stop_requested:
            status = Child("prepare", self.prepare, leash).run_to_its_end(self._is_stopped)
            if status and not self._stop_requested:
                sys.exit(status)  # the child has printed the reason
        return not self._stop_requested

    def _keep_alive_until(self, done: Callable[[], bool], within: float | None = None) -> None:
        end = time.monotonic() + within if within else None
        while not self._stop_requested and not done():
            if end and time.monotonic() > end:
                raise Misconfigured(
                    f"Amparo was not ready after {PATIENCE} s; {self._part_not_answering()} is not answering."
                )
            for child in self.children:
                child.keep_alive()
            self._restart_database()
            time.sleep(0.2)

    def _start_once(self, leash: Leash) -> None:
        self.started_once = [Child(name, work, leash) for name, work in self.once.items()]
        for child in self.started_once:
            child.process.start()

    def _restart_database(self) -> None:
        """Restart the database if it is down. If it cannot start, as on a full disk, print why and return: calls are
        answered meanwhile, and the next round tries again.
        """
        if self.server and not self.server.is_listening():
            try:
                self.server.start()
            except Misconfigured as sentence:
                print(f"amparo: {sentence}", file=sys.stderr)

    def _is_ready(self) -> bool:
        return health(self.environment)[0]

    def _part_not_answering(self) -> str:
        return next((name for name, state in health(self.environment)[1].items() if state != "ok"), "the web")

    def _is_stopped(self) -> bool:
        return self._stop_requested

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True

    def _stop(self) -> None:
        for child in (*self.children, *self.started_once):
            child.stop()
        for child in (*self.children, *self.started_once):
            child.wait()
        if self.server:
            self.server.stop()


def prepare_machine(environment: Environment) -> bool:
    """Close the home, and create the accounts of the processes. Returns False if all run under one account: we are not
    root, or the accounts could not read our program.
    """
    # A process under another account would compute another default.
    os.environ["AMPARO_HOME"] = str(environment.home)
    close_home_to_others(environment.home)
    if not accounts.may_switch_accounts():
        return False
    refuse_shared_accounts(environment.home, demo=environment.demo)
    accounts.create_accounts()
    accounts.refuse_unreachable_home(environment.home, accounts.account_of("web"))
    # A checkout below /root: everything runs as root, and Amparo reports it.
    if not accounts.has_account_per_process():
        return False
    _refuse_privileged_ports(environment)
    return True


class LockFile:
    """A lock file that `amparo run` holds while it lives; `amparo stop` reads from it which process to end."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("ab", buffering=0)  # unbuffered: on a full disk, close() has nothing left to write
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
    """`amparo stop`: end a running `amparo run`; otherwise stop the database that a killed run left behind."""
    if not _pid_file(environment).parent.is_dir():
        return  # nothing was started in this home
    with _pid_file(environment).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            os.kill(int(file.read()), signal.SIGTERM)
            fcntl.flock(file, fcntl.LOCK_EX)
            return
    if not environment.database_url:
        DatabaseServer(environment.home).stop()


def _pid_file(environment: Environment) -> Path:
    return environment.home / "run" / "amparo.pid"


def check_ports(environment: Environment) -> None:
    """Raise `Misconfigured` if a port is taken, before anything is started."""
    for host in environment.web_hosts:
        _bind(socket.SOCK_STREAM, host, environment.http_port, "AMPARO_HTTP_PORT", "AMPARO_WEB_HOST")
    for host in environment.hosts:
        _bind(socket.SOCK_STREAM, host, environment.sip_port, "AMPARO_SIP_PORT")
        _bind(socket.SOCK_DGRAM, host, environment.sip_port, "AMPARO_SIP_PORT")
        if environment.sip_tls is not None:
            _bind(socket.SOCK_STREAM, host, environment.sip_tls_port, "AMPARO_SIP_TLS_PORT")


def _refuse_privileged_ports(environment: Environment) -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    for setting, port in (("AMPARO_HTTP_PORT", environment.http_port), ("AMPARO_SIP_PORT", environment.sip_port)):
        if port < first:
            raise Misconfigured(
                f"{setting}={port} is for root alone, and our processes have accounts of their own: "
                f"set {setting} to one from {first} on, and put a web server before it."
            )


def _bind(kind: socket.SocketKind, host: str, port: int, setting: str, of_address: str = "AMPARO_HOST") -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections of our last run linger
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                sentence = f"The address {host} is not this machine's: set {of_address} to another."
            elif error.errno == errno.EACCES:
                sentence = f"This account may not open port {port}: set {setting} to one from 1024 on."
            else:
                sentence = f"Port {port} on {host} is taken by another program: set {setting} to another."
            raise Misconfigured(sentence) from error


def health(environment: Environment) -> tuple[bool, dict[str, str]]:
    """Read /healthz: whether all is well, and the state of each part."""
    try:
        with urllib.request.urlopen(environment.web_address + "healthz", timeout=3) as answer:
            parts = json.load(answer)
    except urllib.error.HTTPError as error:
        parts = json.load(error)
    except (OSError, http.client.HTTPException):  # the server ended in the middle of its answer
        return False, {"web": "away"}
    return parts.pop("status") == "ok", parts
