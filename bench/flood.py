"""Whether the line keeps working during a flood: a running call, new calls, browsers, and what is freed afterwards.

    python -m bench.flood [--seconds 10]

A real hotline on this machine; each flood comes from a process of its own. The control is the first line, without a
flood. The answers to the flood are printed beside it, so that a flood that never arrived is not taken for a harmless
one. The machine needs an address besides loopback, or aiortc's browsers do not connect.
"""

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection

from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.hotline import Hotline, hotline

OFFERS, INVITES, CONNECTIONS, CODES = 500, 500, 512, 1000  # the first two per second, the others in total
ATTACKER, TELEPHONE, NEW = "127.0.0.9", "127.0.0.5", "127.0.0.6"
TWO, MANY = (ATTACKER, "127.0.0.10"), tuple(f"127.0.2.{number}" for number in range(1, 201))
FILL = 400  # INVITEs, twice the places that unacknowledged calls have
BROWSERS = 3
FRAMES = 50  # packets of sound a second
FREE_WITHIN, LEEWAY = 3.0, 60.0  # seconds: the aim, and how long we watch

type Flood = Callable[[int, int, float, Counter[str]], Coroutine[None, None, None]]


class Line(asyncio.DatagramProtocol):
    """A minimal telephone that writes its SIP messages itself, with one socket for signalling and one for audio."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.switchboard = host, ("127.0.0.1", port)
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.packets, self.to = 0, ""
        self.call, self.branch = secrets.token_hex(8), secrets.token_hex(8)

    async def call_up(self) -> int:
        """Call the hotline. Returns the SIP status of the final response; 0 after 5 s without one."""
        loop = asyncio.get_running_loop()
        self.sound, _ = await loop.create_datagram_endpoint(lambda: Sound(self), local_addr=(self.host, 0))
        self.wire, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        for pause in (0.5, 1.0, 3.5):
            self._send("INVITE", 1, sdp(self.host, self.sound.get_extra_info("sockname")[1]))
            if (await asyncio.wait([self.code], timeout=pause))[0]:
                return self.code.result()
        return 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        text = data.decode()
        if "INVITE" in text and not text.startswith("SIP/2.0 1"):
            self.to = next(line for line in text.split("\r\n") if line.startswith("To:"))
            self._send("ACK", 1)
            if not self.code.done():
                self.code.set_result(int(text.split()[1]))

    def hang_up(self) -> None:
        self._send("BYE", 2)
        self.wire.close()
        self.sound.close()

    def _send(self, method: str, number: int, body: str = "") -> None:
        port = self.wire.get_extra_info("sockname")[1]
        branch = self.branch if method == "INVITE" else secrets.token_hex(8)
        self.wire.sendto(request(method, self.host, port, self.call, branch, number, body, self.to), self.switchboard)


class Sound(asyncio.DatagramProtocol):
    def __init__(self, line: Line) -> None:
        self.line = line

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.line.packets += 1


def sdp(host: str, port: int) -> str:
    return f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"


def request(method: str, host: str, port: int, call: str, branch: str, number: int, body: str, to: str = "") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:ayuda@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport\r\n"
        f"From: <sip:{call[:6]}@{host}>;tag={call}\r\n{to or 'To: <sip:ayuda@127.0.0.1>'}\r\nCall-ID: {call}\r\n"
        f"CSeq: {number} {method}\r\nContact: <sip:a@{host}:{port}>\r\nMax-Forwards: 70\r\n{kind}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


# The floods. Each counts the answers that it got.


async def offers(http: int, sip: int, seconds: float, answers: Counter[str]) -> None:
    body = json.dumps({"offer": "v=0\r\n" + "a=x\r\n" * 300, "language": "es"})
    await post_often(http, "/call/offer", "application/json", body, OFFERS, seconds, answers)


async def codes(http: int, sip: int, seconds: float, answers: Counter[str]) -> None:
    body = "code=000000000000000"
    await post_often(http, "/again", "application/x-www-form-urlencoded", body, CODES / seconds, seconds, answers)


async def post_often(
    http: int, path: str, kind: str, body: str, rate: float, seconds: float, answers: Counter[str]
) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{http}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )

    async def post() -> None:
        answers["sent"] += 1
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", http)
            writer.write((head + body).encode())
            answers[(await reader.readline()).decode().split()[1]] += 1
            writer.close()
        except (OSError, IndexError):
            answers["cut off"] += 1

    tasks, start = [], time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(post()))
    await asyncio.wait(tasks, timeout=1)
    answers["not answered within 1 s of the end"] = sum(not task.done() for task in tasks)


async def invites(
    http: int,
    sip: int,
    seconds: float,
    answers: Counter[str],
    sources: tuple[str, ...] = (ATTACKER,),
    most: int = 10**9,
    method: str = "INVITE",
    body: str | None = None,
) -> None:
    """Send SIP requests from the addresses `sources`, and acknowledge no response.

    After `most` requests it only waits, until `seconds` have passed. `body` None: a valid SDP offer.
    """

    class Count(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            answers[data.decode(errors="replace").split()[1]] += 1

    wires = []
    for host in sources:
        wire, _ = await asyncio.get_running_loop().create_datagram_endpoint(Count, local_addr=(host, 0))
        wires.append((host, wire.get_extra_info("sockname")[1], wire))
    start = time.monotonic()
    for number in range(min(most, int(INVITES * seconds))):
        await asyncio.sleep(max(0.0, start + number / INVITES - time.monotonic()))
        call, (host, port, wire) = secrets.token_hex(8), wires[number % len(wires)]
        description = sdp(host, port) if body is None else body
        wire.sendto(request(method, host, port, call, call, 1, description), ("127.0.0.1", sip))
        answers["sent"] += 1
    await asyncio.sleep(max(0.0, start + seconds - time.monotonic()))


async def connections(http: int, sip: int, seconds: float, answers: Counter[str]) -> None:
    open_now = 0

    async def hold(host: str) -> None:
        nonlocal open_now
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", sip, local_addr=(host, 0))
                answers["opened"] += 1
                open_now += 1
                answers["most at once"] = max(answers["most at once"], open_now)
                try:
                    while time.monotonic() < end and not reader.at_eof():
                        writer.write(b"\r\n")
                        with suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(1), 0.5)
                finally:
                    open_now -= 1
                    writer.close()
            except OSError:
                answers["cut off"] += 1
                await asyncio.sleep(0.1)

    await asyncio.gather(*(hold(f"127.0.1.{number % 16 + 1}") for number in range(CONNECTIONS)))


def attack(flood: Flood, http: int, sip: int, seconds: float, pipe: Connection) -> None:
    answers: Counter[str] = Counter()
    pipe.send("ready")
    asyncio.run(flood(http, sip, seconds, answers))
    pipe.send(dict(answers))


# What people experience meanwhile.


async def measure(line: Hotline, seconds: float, flood: Flood | None) -> str:
    # a new process, because the threads of our browsers would not survive a fork
    apart = multiprocessing.get_context("spawn")
    ours, theirs = apart.Pipe()
    running = Line(TELEPHONE, line.sip_port)
    assert await running.call_up() == 200
    await asyncio.sleep(1)
    if flood:
        attacker = apart.Process(target=attack, args=(flood, line.http_port, line.sip_port, seconds, theirs))
        attacker.start()
        await asyncio.to_thread(ours.recv)
        await asyncio.sleep(0.5)
    before, start = running.packets, time.monotonic()
    refused, waits, browsers = 0, [], asyncio.create_task(asyncio.to_thread(call_from_browsers, line, BROWSERS))
    while time.monotonic() - start < seconds - 1:
        began, new = time.monotonic(), Line(NEW, line.sip_port)
        code = await new.call_up()
        if code == 200:
            waits.append(time.monotonic() - began)
        else:
            refused += 1
        new.hang_up()
        await asyncio.sleep(0.5)
    expected = FRAMES * (time.monotonic() - start)
    lost = 1 - (running.packets - before) / expected
    answered = await browsers
    report = "nothing" if flood is None else await asyncio.to_thread(ours.recv)
    running.hang_up()
    free, empty = await asyncio.to_thread(until_free, line)
    return (
        f"lost {max(lost, 0):.2%} of {expected:.0f} packets   "
        f"new calls {len(waits)}, slowest {max(waits, default=0):.2f} s, refused {refused}   "
        f"browsers with work {answered} of {BROWSERS}   all of the flood free after {free:.1f} s, "
        f"our browsers too after {empty:.1f} s   answered: {report}"
    )


def call_from_browsers(line: Hotline, calls: int) -> int:
    return sum(asyncio.run(call_from_browser(line)) for _ in range(calls))


async def call_from_browser(line: Hotline) -> bool:
    """Whether a browser with proof of work got connected."""
    with urllib.request.urlopen(f"{line.address}/call/riddle", timeout=30) as answer:
        riddle = json.load(answer)
    challenge, bits = riddle["challenge"], riddle["bits"]
    found = next(str(n) for n in range(2**30) if is_found(f"{challenge}.{n}", bits))
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(AudioStreamTrack())
    await peer.setLocalDescription(await peer.createOffer())
    offer = {"offer": peer.localDescription.sdp, "language": "es", "challenge": challenge, "found": found}
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    request = urllib.request.Request(f"{line.address}/call/offer", json.dumps(offer).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            theirs = json.load(answer)["answer"]
        await peer.setRemoteDescription(RTCSessionDescription(theirs, "answer"))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if peer.connectionState == "connected":
                return True
        return False
    except urllib.error.HTTPError:
        return False
    finally:
        await peer.close()


def is_found(text: str, bits: int) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()) >> (256 - bits) == 0


def state() -> dict[str, int]:
    """Return what the switchboard says of itself, such as its calls and ports. Runs in the hotline's process."""
    from amparo.line.switchboard import control

    return control.ask("ping")


def until_free(line: Hotline) -> tuple[float, float]:
    """Return the seconds until all but the calls of our browsers is free, and until these are free too.

    The calls of our browsers end by a timeout.
    """
    start, free = time.monotonic(), 0.0
    while time.monotonic() - start < LEEWAY:
        now = line.do(state)
        if not free and max(now["calls"], now["ports"]) <= BROWSERS and not open_connections(line.sip_port):
            free = time.monotonic() - start
        if not now["calls"] and not now["ports"]:
            break
        time.sleep(0.1)
    return free or LEEWAY, time.monotonic() - start


def open_connections(port: int) -> int:
    """Connections to our SIP port that are still open."""
    with open("/proc/net/tcp") as table:
        rows = [row.split() for row in table.readlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=10)
    seconds = arguments.parse_args().seconds
    floods: dict[str, Flood | None] = {
        "nothing (control)": None,
        f"{OFFERS} offers a second": offers,
        f"{INVITES} INVITEs a second": invites,
        "INVITEs from two sources": partial(invites, sources=TWO),
        "two sources that fill, then stop": partial(invites, sources=TWO, most=FILL),
        f"{len(MANY)} sources that fill, then stop": partial(invites, sources=MANY, most=FILL),
        f"{INVITES} INVITEs without sound": partial(invites, body="v=0\r\n"),
        f"{INVITES} CANCELs of nothing": partial(invites, method="CANCEL", body=""),
        f"{CONNECTIONS} silent connections": connections,
        f"{CODES} wrong codes": codes,
    }
    socket.setdefaulttimeout(30)
    with hotline() as line:
        line.do(state)  # the process that asks needs some seconds to start
        for name, flood in floods.items():
            print(f"{name:<34}{asyncio.run(measure(line, seconds, flood))}   load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
