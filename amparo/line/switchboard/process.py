"""The switchboard process: one event loop for signalling and sound; database work runs in threads."""

import asyncio
import functools
import gc
import logging
import resource
import signal
import sys
from collections.abc import Callable, Iterable

import uvloop
from django.conf import settings
from django.utils import timezone

from amparo.foundation.core import live
from amparo.foundation.core.live import NotificationHub, conninfo
from amparo.foundation.core.memory_wiping import collect_every
from amparo.foundation.core.priority import put_sound_first
from amparo.foundation.core.pseudonyms import Pseudonyms, bare_number
from amparo.foundation.line_settings import rules as line_settings
from amparo.foundation.words import rules as words

from . import control, recordings
from .browsers import Browsers
from .call_control import Switchboard
from .journal import Journal, close_orphaned_calls
from .legs import Leg
from .media.clock import Clock
from .media.ports import Ports
from .models import Channel
from .prompts.library import Library
from .seats import Seats
from .telephones import Telephones

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.001  # seconds a thread may delay the sound (Python's default is 5 ms)
COLLECT_AFTER = 20_000  # objects; with Python's 700 the collector would run a hundred times a second under load
YOUNG_ONLY = 10_000  # runs over young objects before one over older ones: these are left to calm minutes
FAREWELL = 4.0  # seconds for the last prompt to waiting callers
RETRY = 0.5  # seconds
STANDSTILL = 3.0  # seconds
IDLE_CHECK = 1.0  # seconds between two looks whether a call is running
FORGET_EVERY = 60.0  # seconds
BUSY = 1000  # SIP transactions, each kept for 32 s; a run of the collector would stop all sound for 50 ms and more


def main() -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.freeze()  # what is loaded now lives as long as the process: exclude it from collection
    gc.set_threshold(COLLECT_AFTER, YOUNG_ONLY)
    put_sound_first()
    raise_open_file_limit()
    uvloop.run(_run_switchboard())


async def _run_switchboard() -> None:
    environment = settings.ENVIRONMENT
    clock, seats, journal = Clock(), Seats(), Journal()
    ports = Ports(environment.rtp_ports[0], environment.rtp_ports[-1])
    telephones, pseudonyms = Telephones(environment, clock, ports, seats), Pseudonyms()
    browsers = Browsers(environment, clock, ports)
    library = Library(environment.home)
    board = Switchboard(clock, library, seats, journal, telephones, browsers)

    def on_caller(leg: Leg, line: str, number: str) -> None:
        if practice := board.practice.pop_columns(line):
            board.begin_call(leg, **practice)
            return
        pseudonym = pseudonyms.of(bare_number(number))
        board.begin_call(leg, pseudonym, channel=Channel.PHONE, line=line, pseudonym=pseudonym)

    telephones.on_caller = on_caller
    while not await asyncio.to_thread(close_orphaned_calls, timezone.now(), board.cut_calls.load):
        await asyncio.sleep(RETRY)
    copies: dict[str, Callable[[], None]] = {
        line_settings.TOPIC: line_settings.load_copy, words.TOPIC: words.load_copy,
        recordings.TOPIC: functools.partial(recordings.load_into, library),
    }  # fmt: skip
    for load in copies.values():
        while not await asyncio.to_thread(live.reload, load):
            await asyncio.sleep(RETRY)
    await seats.refresh()
    hub = NotificationHub(conninfo())
    async with clock.running():
        work = [
            asyncio.create_task(task)
            for task in (
                journal.run(), seats.follow(hub), live.follow(hub, copies),
                board.distribution.run(), _watch_clock(clock),
                collect_every(FORGET_EVERY, lambda: len(telephones.agent.endpoint.servers) < BUSY),
            )
        ]  # fmt: skip
        await telephones.listen()
        work.append(asyncio.create_task(telephones.stay_registered()))
        server = await control.serve(environment.control_socket, board.verbs)
        await until_it_may_end(work, lambda: is_idle(board))
        server.close()  # from here on nothing waits while there are no calls: none can begin, and be cut
        await board.close(FAREWELL)
        telephones.agent.close()
        await asyncio.wait_for(journal.flush(), FAREWELL)


async def _watch_clock(clock: Clock) -> None:
    """Raise if the clock stands still. Calls would look healthy and be silent, so it is better to restart."""
    while True:
        await asyncio.sleep(STANDSTILL)
        if asyncio.get_running_loop().time() - clock.heartbeat > STANDSTILL:
            raise RuntimeError("the clock of the sound stands still")


async def until_it_may_end(work: Iterable[asyncio.Task[None]], is_idle: Callable[[], bool]) -> None:
    """Wait for SIGINT or SIGTERM, until a part fails, or, after SIGUSR1, for the first moment without a call. Calls are
    answered until then. The supervisor starts the process anew: so an update, or new settings, cut no call.
    """
    stop, restart = asyncio.Event(), asyncio.Event()
    for number, event in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGUSR1, restart)):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    waiting, signalled = asyncio.create_task(stop.wait()), asyncio.create_task(restart.wait())
    ends = {waiting, *work}
    done, _pending = await asyncio.wait({signalled, *ends}, return_when=asyncio.FIRST_COMPLETED)
    while not done & ends and not is_idle():
        done, _pending = await asyncio.wait(ends, timeout=IDLE_CHECK, return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    for task in done - {waiting, signalled}:
        log.error("a part of the switchboard failed", exc_info=task.exception())


def is_idle(board: Switchboard) -> bool:
    """True if nobody is in a call, is being called back, or is connecting from a page."""
    return not (board.calls or board.return_calls.engaged or board.visitors.are_connecting)


def raise_open_file_limit() -> None:
    """Raise the limit of open files. Each party of a call needs a socket, and the usual default of 1,024 is too low."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
