"""The children of `amparo run`: forked from it, restarted whenever they end, and ended together with it.

The parent has imported everything before, so children start at once and share the memory of the code. It has no thread
and no connection to the database: each child signs in there with a role of its own (database_roles.py).
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import NoReturn

from . import accounts
from .priority import put_sound_first
from .process_environment import PROCESSES, limit_environment

RESTART_AFTER = 0.5  # seconds
GRACE = 8  # seconds for a child to end by itself
LEASH = "AMPARO_LEASH"  # set for children: end when standard input, a pipe from the parent, closes
PROCESS_NAME = Path("/proc/self/comm")  # the name that `ps -e` and `top` show; Linux keeps 15 bytes of it

type Work = Callable[[], int]  # returns an exit status


class Leash:
    """A pipe from a parent to its children. It closes when the parent ends for any reason, and then they end, too.

    `others` are more descriptors that only the parent keeps: a child closes them.
    """

    def __init__(self, *others: int) -> None:
        self.reader, *self.own = *os.pipe(), *others

    def attach(self) -> None:
        """In a child that was just forked: make the pipe its standard input, which `end_with_parent` watches."""
        os.dup2(self.reader, 0)
        for descriptor in (self.reader, *self.own):
            os.close(descriptor)
        os.environ[LEASH] = "1"


class Child:
    """One process, named `amparo-<name>`. With `apart` it runs under the account of that name; only root can do
    that.
    """

    def __init__(self, name: str, work: Work, leash: Leash, *, apart: bool = False) -> None:
        self.name, self.work, self.leash, self.apart = name, work, leash, apart
        self.process = self._new_process()
        self._not_before = 0.0

    def keep_alive(self) -> None:
        if not self.process.is_alive() and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + RESTART_AFTER
            self.process = self._new_process()
            self.process.start()

    def run_to_its_end(self, is_stopped: Callable[[], bool]) -> int:
        """Start it once, wait for its end and return its exit status. If `is_stopped` says so, end it before."""
        self.process.start()
        while self.process.is_alive() and not is_stopped():
            self.process.join(0.2)
        self.stop()
        self.wait()
        return self.process.exitcode or 0

    def stop(self) -> None:
        if self.process.is_alive():
            self.process.terminate()

    def wait(self) -> None:
        if self.process.is_alive():
            self.process.join(GRACE)
            self.process.kill()

    def _new_process(self) -> ForkProcess:
        return ForkProcess(target=_run_child, args=(self.name, self.work, self.leash, self.apart), name=self.name)


def _run_child(name: str, work: Work, leash: Leash, apart: bool) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()  # Ctrl-C reaches the parent alone, which ends its children in order
    leash.attach()
    PROCESS_NAME.write_text(f"amparo-{name}")
    if name in PROCESSES:  # the others are the owner's
        limit_environment(name)
    if apart:
        if name == "switchboard":  # sound gets priority; set here, because the process's own account may not raise it
            put_sound_first()
        accounts.switch_to_account(accounts.account_of(name))
    sys.exit(work())


def exec_new_program(name: str, environment: dict[str, str]) -> NoReturn:
    """Replace this child by a new program, `amparo <name>`, which shares no memory with us. Does not return.

    `environment` is added to the environment of the program.
    """
    os.execve(sys.executable, [sys.executable, "-m", "amparo", name], {**os.environ, **environment})


def end_with_parent() -> None:
    """In a child: watch the pipe to the parent in a thread, and end this process when the parent is gone.

    So a killed `amparo run` leaves no port taken. Does nothing in a process without `LEASH`.
    """
    if os.environ.get(LEASH):

        def wait_for_the_end() -> None:
            os.read(0, 1)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(GRACE)
            os._exit(1)

        threading.Thread(target=wait_for_the_end, daemon=True).start()
