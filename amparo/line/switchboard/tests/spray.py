"""`unshare -n python -m amparo.line.switchboard.tests.spray [--seconds 10] [--control]`: a stranger sends RTP to every
port of the switchboard while fifty people call, half of them from behind an address translator.

Prints as JSON how many calls the stranger took over, and how many still carry both sides' tones when it is over. With
`--control` the stranger passes for the host that signals. Runs in a network namespace of its own, makes another one for
those behind the translator (conntrack and nftables), and needs the rights of root within them.
"""

import argparse
import asyncio
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.settings")
django.setup()

from django.conf import settings

from amparo.line.switchboard.legs import Leg
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.rtp import RtpLeg
from amparo.line.switchboard.media.tones import contains_tone, tone
from amparo.line.switchboard.seats import Seats
from amparo.line.switchboard.telephones import Telephones

from .phones import Phone

SWITCHBOARD, OPEN, STRANGER = "203.0.113.1", "203.0.113.50", "203.0.113.66"
TRANSLATOR, BEHIND = "203.0.113.2", "10.0.0.2"
CALLS = 50
FIRST_PORT, LAST_PORT = 30000, 30199
OURS, THEIRS, STRANGE = 1000, 440, 1500  # Hz
FRAME = 160
LAST_SECOND = 50 * FRAME  # bytes of sound


def run(command: str) -> None:
    subprocess.run(command.split(" "), check=True)


def build_networks() -> tuple[int, int]:
    """This network and one behind an address translator; file descriptors for `os.setns`."""
    run("ip link set lo up")
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    with subprocess.Popen(["sleep", "60"]) as anchor:  # lets `ip` name this network from inside the other
        os.unshare(os.CLONE_NEWNET)
        run("ip link set lo up")
        run(f"ip link add inside type veth peer name outside netns {anchor.pid}")
        run(f"ip address add {TRANSLATOR}/24 dev inside")
        run("ip link set inside up")
        run(f"ip address add {BEHIND}/32 dev lo")
        run("nft add table ip translator")
        subprocess.run(
            ["nft", "add chain ip translator out { type nat hook postrouting priority srcnat; }"], check=True
        )
        run(f"nft add rule ip translator out ip saddr {BEHIND} masquerade fully-random")
        behind = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.setns(here, os.CLONE_NEWNET)
        anchor.kill()
    run(f"ip address add {SWITCHBOARD}/24 dev outside")
    run("ip link set outside up")
    for address in (OPEN, STRANGER):
        run(f"ip address add {address}/32 dev lo")
    return here, behind


@contextmanager
def inside(network: int, back: int) -> Iterator[None]:
    """Sockets made in the block belong to that network, and stay there."""
    os.setns(network, os.CLONE_NEWNET)
    try:
        yield
    finally:
        os.setns(back, os.CLONE_NEWNET)


class Called:
    """One call at the switchboard: plays a tone, keeps the last second of what it hears."""

    def __init__(self, leg: Leg) -> None:
        assert isinstance(leg.sound, RtpLeg)
        self.sound, self.heard, self.was_strange = leg.sound, b"", False
        self.playing = asyncio.create_task(leg.sound.play(tone(OURS, 1.0), loop=True))
        leg.sound.sink = self.hear

    def hear(self, frame: bytes) -> None:
        self.heard = (self.heard + frame)[-LAST_SECOND:]
        self.was_strange = self.was_strange or contains_tone(frame, STRANGE)

    @property
    def is_taken(self) -> bool:
        return self.was_strange or (self.sound.remote is not None and self.sound.remote[0] == STRANGER)


async def spray(stranger: socket.socket, rounds: Iterator[int]) -> None:
    """RTP with a tone to every port, for ever, as fast as the loop lets it."""
    sound = tone(STRANGE, 0.02)
    for number in rounds:
        packet = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * FRAME & 0xFFFFFFFF, 1) + sound
        for port in range(FIRST_PORT, LAST_PORT + 1):
            stranger.sendto(packet, (SWITCHBOARD, port))
        await asyncio.sleep(0.01)


async def main(seconds: float, *, control: bool) -> dict[str, int]:
    here, behind = build_networks()
    environment = replace(settings.ENVIRONMENT, hosts=(SWITCHBOARD,), sip_port=5060, trunk=None, trunks=())
    async with Clock().running() as clock:
        calls: list[Called] = []

        def on_caller(leg: Leg, line: str, number: str) -> None:
            calls.append(Called(leg))
            if control:
                calls[-1].sound.signalling_host = lambda: STRANGER

        telephones = Telephones(environment, clock, Ports(FIRST_PORT, LAST_PORT), Seats())
        telephones.on_caller = on_caller
        await telephones.listen()
        phones = [await Phone.plug_in(clock, THEIRS, OPEN, Ports(40000, 40199)) for _ in range(CALLS // 2)]
        with inside(behind, here):
            phones += [await Phone.plug_in(clock, THEIRS, BEHIND, Ports(41000, 41199)) for _ in range(CALLS // 2)]
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stranger.bind((STRANGER, 0))
        stranger.setblocking(False)
        rounds = count()
        spraying = asyncio.create_task(spray(stranger, rounds))
        for phone in phones:
            await phone.call(f"sip:ayuda@{SWITCHBOARD}:5060", 5060, "51900000001", SWITCHBOARD)
        await asyncio.sleep(seconds)
        heard = await asyncio.gather(*(phone.hears(OURS) for phone in phones))
        clean = sum(contains_tone(call.heard, THEIRS) and not contains_tone(call.heard, STRANGE) for call in calls)
        spraying.cancel()
        return {
            "calls": len(calls),
            "behind_a_translator": sum(call.sound.remote[0] == TRANSLATOR for call in calls if call.sound.remote),
            "taken_over": sum(call.is_taken for call in calls),
            "heard_by_telephones": sum(heard),
            "heard_by_us": clean,
            "stranger_received": _received(stranger),
            "packets_to_each_port": next(rounds),
        }


def _received(stranger: socket.socket) -> int:
    for number in count():
        try:
            stranger.recv(2000)
        except BlockingIOError:
            return number
    raise AssertionError


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--control", action="store_true")
    wish = parser.parse_args()
    started = time.monotonic()
    print(json.dumps(asyncio.run(main(wish.seconds, control=wish.control))), flush=True)
    os._exit(0)  # fifty calls need not say goodbye
