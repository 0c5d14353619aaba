"""The cost of relaying audio: N telephone calls and some browser calls, against a relay that does nothing else.

    python -m bench.media [--calls 200] [--seconds 10] [--browsers 2]

The telephones run in a process of their own. All figures are of this run: compare ratios, not milliseconds.
"""

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.conversation import Conversation
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.rtp import PCMU, TELEPHONE_EVENT, RtpLeg
from amparo.line.switchboard.media.web import WebLeg

from .telephones import Report, call_by_browser, call_by_telephone

ADDRESS = "127.0.0.1"
LEGS_PER_SOCKET = 10
SETTLE_SECONDS = 1.0
Remote = tuple[str, int]


@dataclass
class Measured:
    name: str
    calls: int
    cpu: float  # % of one core per call
    report: Report | None = None
    clock: Clock | None = None

    def __str__(self) -> str:
        words = [f"{self.name:<10}{self.calls:>4} calls  CPU per call {self.cpu:6.3f} % of a core"]
        if self.report is not None:
            words.append(str(self.report))
        if self.clock is not None:
            words.append(
                f"late ticks {self.clock.late} of {self.clock.ticks}, worst {self.clock.worst_lag * 1e3:.0f} ms"
            )
        return "   ".join(words)


class Bare(asyncio.DatagramProtocol):
    """The floor: forwards packets without looking at them."""

    other: "Bare"
    transport: asyncio.DatagramTransport

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, datagram: bytes, source: Any) -> None:
        self.other.transport.sendto(datagram, self.other.remote)


async def bare_relay(remotes: list[Remote], measure: Callable[..., Coroutine[Any, Any, Measured]]) -> Measured:
    loop = asyncio.get_running_loop()
    legs = []
    for remote in remotes:
        _, leg = await loop.create_datagram_endpoint(partial(Bare, remote), local_addr=(ADDRESS, 0))
        legs.append(leg)
    for one, other in zip(legs[::2], legs[1::2], strict=True):
        one.other, other.other = other, one
    measured = await measure("floor", [leg.transport.get_extra_info("sockname")[1] for leg in legs])
    for leg in legs:
        leg.transport.close()
    return measured


async def our_relay(remotes: list[Remote], measure: Callable[..., Coroutine[Any, Any, Measured]]) -> Measured:
    clock = Clock()
    async with clock.running():
        legs = await bridged(clock, remotes)
        measured = await measure("telephone", [leg.port for leg in legs])
        measured.clock = clock
        for leg in legs:
            leg.close()
    return measured


async def bridged(clock: Clock, remotes: list[Remote]) -> list[RtpLeg]:
    """One leg per telephone, bridged in pairs."""
    ports = Ports(20000, 20999)
    legs = [await RtpLeg.open(clock, ports, ADDRESS) for _ in remotes]
    for leg, remote in zip(legs, remotes, strict=True):
        leg.set_remote(*remote, PCMU, TELEPHONE_EVENT)
    for one, other in zip(legs[::2], legs[1::2], strict=True):
        conversation = Conversation(clock)
        conversation.add(one)
        conversation.add(other)
    return legs


async def by_telephone(calls: int, seconds: float, relay: Callable[..., Coroutine[Any, Any, Measured]]) -> Measured:
    """Measure the CPU of `relay` with this many calls. The telephones run in a process of their own."""
    ours, theirs = multiprocessing.Pipe()
    telephones = spawn(call_by_telephone, theirs, 2 * calls, LEGS_PER_SOCKET, seconds)
    receive = asyncio.get_running_loop().run_in_executor

    async def measure(name: str, ports: list[int]) -> Measured:
        ours.send(ports)
        before, start = time.process_time(), time.monotonic()
        report = await receive(None, ours.recv)
        cpu = (time.process_time() - before) / (time.monotonic() - start)
        return Measured(name, calls, 100 * cpu / calls, report)

    measured = await relay(await receive(None, ours.recv), measure)
    telephones.join()
    return measured


async def by_browser(calls: int, seconds: float) -> Measured:
    """Measure the CPU of browser calls that hear themselves. The browsers run in a process of their own."""
    clock, ports = Clock(), Ports(20000, 20999)
    ours, theirs = multiprocessing.Pipe()
    browsers = spawn(call_by_browser, theirs, calls)
    receive = asyncio.get_running_loop().run_in_executor
    async with clock.running():
        legs = [WebLeg(clock, ports, ADDRESS) for _ in range(calls)]
        for leg in legs:
            ours.send(await leg.answer(await receive(None, ours.recv)))
            leg.sink = leg.send
        for leg in legs:
            await leg.wait_connected()
        await asyncio.sleep(SETTLE_SECONDS)
        before = time.process_time()
        await asyncio.sleep(seconds)
        cpu = (time.process_time() - before) / seconds
        ours.send(None)
        for leg in legs:
            leg.close()
            await leg.wait_closed()
    browsers.join()
    return Measured("browser", calls, 100 * cpu / calls, clock=clock)


def spawn(target: Callable[..., None], theirs: Connection, *arguments: Any) -> multiprocessing.Process:
    process = multiprocessing.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    return process


def main() -> None:
    """Measure a relay that does nothing else (the floor), our relay and the browser calls, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--browsers", type=int, default=2)
    wanted = parser.parse_args()
    multiprocessing.set_start_method("spawn")
    print(f"load average at the start {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    floor = uvloop.run(by_telephone(wanted.calls, wanted.seconds, bare_relay))
    print(floor)
    telephone = uvloop.run(by_telephone(wanted.calls, wanted.seconds, our_relay))
    print(telephone)
    print(f"telephone / floor: {telephone.cpu / floor.cpu:.2f} times the CPU of a relay that looks at nothing")
    if wanted.browsers:
        print(uvloop.run(by_browser(wanted.browsers, wanted.seconds)))
    print(f"load average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
