"""A telephone for the tests: its own UDP socket, its own way of making RTP, ears and a voice."""

import asyncio
import random
import struct

import numpy as np

from ..g711 import ALAW_TO_ULAW, FRAME, SILENCE, ULAW_TO_ALAW, to_linear
from ..rtp import PCMU, RtpLeg
from ..tones import contains_tone, goertzel, tone

TONES = (300, 440, 660, 1000, 1500)


class Telephone(asyncio.DatagramProtocol):
    """Says one tone; keeps every packet it hears."""

    def __init__(self, hz=None, payload_type=PCMU, event_type=101):
        self.voice = tone(hz, 1) if hz else SILENCE * 50
        self.payload_type, self.event_type = payload_type, event_type
        self.ssrc, self.sequence = random.getrandbits(32), random.getrandbits(16)
        self.timestamp = random.getrandbits(31)
        self.packets = []
        self.position = 0
        self.leg = None

    @classmethod
    async def call(cls, leg: RtpLeg, hz=None, *, payload_type=PCMU, event_type=101):
        """A telephone whose other end is the leg, as after offer and answer."""
        phone = cls(hz, payload_type, event_type)
        loop = asyncio.get_running_loop()
        phone.transport, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=(leg.address, 0))
        phone.leg = (leg.address, leg.port)
        leg.set_remote(*phone.address, payload_type, event_type)
        return phone

    @property
    def address(self):
        return self.transport.get_extra_info("sockname")[:2]

    def datagram_received(self, datagram, source):
        self.packets.append(datagram)

    def send(self, payload, *, kind=None, timestamp=None):
        self.sequence = (self.sequence + 1) & 0xFFFF
        kind = self.payload_type if kind is None else kind
        stamp = self.timestamp if timestamp is None else timestamp
        self.transport.sendto(struct.pack("!BBHII", 0x80, kind, self.sequence, stamp, self.ssrc) + payload, self.leg)

    def speak(self):
        """One frame of the tone."""
        start = self.position % len(self.voice)
        self.position += FRAME
        self.timestamp = (self.timestamp + FRAME) & 0xFFFFFFFF
        frame = self.voice[start : start + FRAME]
        self.send(frame if self.payload_type == PCMU else frame.translate(ULAW_TO_ALAW))

    def key(self, event, timestamp, *, ended=False, duration=160):
        self.send(struct.pack("!BBH", event, 0x80 * ended | 10, duration), kind=self.event_type, timestamp=timestamp)

    @property
    def frames(self):
        """The audio payloads heard, as µ-law."""
        payloads = [packet[12:] for packet in self.packets if packet[1] & 0x7F == self.payload_type]
        return payloads if self.payload_type == PCMU else [payload.translate(ALAW_TO_ULAW) for payload in payloads]

    @property
    def loud_frames(self):
        """Those that are not the silence of a pause."""
        silence = SILENCE if self.payload_type == PCMU else SILENCE.translate(ULAW_TO_ALAW).translate(ALAW_TO_ULAW)
        return [frame for frame in self.frames if frame != silence]

    @property
    def heard(self):
        return b"".join(self.frames)

    def forget(self):
        self.packets.clear()


def tones_in(sound):
    """Which of the tones of the tests are in a µ-law sound."""
    return {hz for hz in TONES if contains_tone(sound, hz)}


def strength(sound, hz):
    return goertzel(to_linear(sound), hz)


def is_silent(sound):
    return not np.any(np.abs(to_linear(sound)) > 100)


async def talk(clock, *phones, frames=12):
    """All telephones say so many frames, one a tick, and are given time to hear the last."""
    for _ in range(frames):
        for phone in phones:
            phone.speak()
        await ticks(clock, 1)
    await ticks(clock, 3)


async def ticks(clock, count):
    """Wait for the clock, not for the wall: a loaded machine must not turn a test red.

    Only ticks that took place count. After a stall the clock skips some, and a packet on its way needs each.
    """
    passed = 0

    def tick():
        nonlocal passed
        passed += 1

    clock.subscribe(tick, last=True)
    try:
        while passed < count:
            await asyncio.sleep(0.005)
    finally:
        clock.unsubscribe(tick)
