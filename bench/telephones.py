"""The other end of bench.media, in a process of its own: telephones and browsers that call."""

import asyncio
import struct
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import uvloop
from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

FRAME_SECONDS = 0.02
SLOTS = 10  # telephones do not all send in the same millisecond
DRAIN_SECONDS = 0.5
HEADER = struct.Struct("!BBHIId")  # RTP, and in the payload the time of sending
SOUND = bytes(152)


@dataclass
class Report:
    """What the telephones measured."""

    sent: int
    received: int
    gaps: list[float]
    delays: list[float]

    def __str__(self) -> str:
        lost = 100 * (1 - self.received / self.sent)
        gap, delay = self.gaps, self.delays
        return (
            f"lost {lost:.3f} % of {self.sent}   "
            f"gap p50 {at(gap, 0.5):.1f} p99 {at(gap, 0.99):.1f} max {at(gap, 1):.1f} ms   "
            f"delay p50 {at(delay, 0.5):.2f} p99 {at(delay, 0.99):.2f} ms"
        )


def at(seconds: list[float], share: float) -> float:
    """Return the quantile of `seconds` at `share`, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass
class Telephones(asyncio.DatagramProtocol):
    """Several telephones behind one socket. The port from which a packet comes tells which of them hears it."""

    last: dict[int, float] = field(default_factory=dict)
    gaps: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, datagram: bytes, source: Any) -> None:
        if not datagram.endswith(SOUND):
            return  # silence, which the switchboard sends some frames after a telephone has stopped
        now = time.monotonic()
        self.delays.append(now - HEADER.unpack_from(datagram)[-1])
        before = self.last.get(source[1])
        if before is not None:
            self.gaps.append(now - before)
        self.last[source[1]] = now


def call_by_telephone(pipe: Connection, legs: int, per_socket: int, seconds: float) -> None:
    uvloop.run(_call_by_telephone(pipe, legs, per_socket, seconds))


async def _call_by_telephone(pipe: Connection, legs: int, per_socket: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    sockets = [
        (await loop.create_datagram_endpoint(Telephones, local_addr=("127.0.0.1", 0)))[1]
        for _ in range(0, legs, per_socket)
    ]
    # Neighbours are bridged with each other, so they use different sockets.
    behind = [sockets[leg % len(sockets)] for leg in range(legs)]
    pipe.send([phones.transport.get_extra_info("sockname") for phones in behind])
    remotes = [("127.0.0.1", port) for port in await loop.run_in_executor(None, pipe.recv)]
    sent = await _speak(list(zip(behind, remotes, strict=True)), seconds)
    await asyncio.sleep(DRAIN_SECONDS)
    gaps = [gap for phones in sockets for gap in phones.gaps]
    delays = [delay for phones in sockets for delay in phones.delays]
    pipe.send(Report(sent, len(delays), gaps, delays))


async def _speak(telephones: list[tuple[Telephones, Any]], seconds: float) -> int:
    """Every telephone sends a frame each 20 ms; return how many were sent."""
    start, rounds = time.monotonic(), int(seconds / FRAME_SECONDS)
    for number in range(rounds):
        for slot in range(SLOTS):
            due = start + (number + slot / SLOTS) * FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for phones, remote in telephones[slot::SLOTS]:
                header = HEADER.pack(0x80, 0, number & 0xFFFF, number * 160, 1, time.monotonic())
                phones.transport.sendto(header + SOUND, remote)
    return rounds * len(telephones)


def call_by_browser(pipe: Connection, calls: int) -> None:
    uvloop.run(_call_by_browser(pipe, calls))


async def _call_by_browser(pipe: Connection, calls: int) -> None:
    receive = asyncio.get_running_loop().run_in_executor
    peers = []
    for _ in range(calls):
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(AudioStreamTrack())
        peers.append(peer)
        await peer.setLocalDescription(await peer.createOffer())
        pipe.send(peer.localDescription.sdp)
        answer = await receive(None, pipe.recv)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await receive(None, pipe.recv)
    for peer in peers:
        await peer.close()
