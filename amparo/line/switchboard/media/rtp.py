"""A telephone's leg: G.711 over RTP, one UDP socket."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from .clock import Clock
from .g711 import ALAW_TO_ULAW, FRAME, SILENCE, ULAW_TO_ALAW
from .leg import DIGITS, MediaLeg, Playout
from .packet import EVENT, HEADER, MARKER, VERSION_2, Packet, key_payloads, parse_packet
from .ports import Ports
from .srtp import Cipher, Handshake, new_key

PCMU, PCMA = 0, 8  # RFC 3551
TELEPHONE_EVENT = 101  # the usual number; the offer decides

# A pause after which sound starts anew: the marker bit lets the telephone reset its jitter buffer (RFC 3551, 4.1).
TALK_SPURT_FRAMES = 5
# How many frames the other party may be late before silence is sent instead.
LATE_FRAMES = 3
# After so many frames without a packet (5 s), the telephone's host may send from another port, which a translator gave
# it. Not sooner: a telephone whose user is silent may send nothing, and others may share its public address.
SILENT_FRAMES = 250
# A packet up to so far behind is late or a copy; further behind, the sender has restarted (RFC 3550, A.1).
MISORDER = 100
DTLS = range(20, 64)  # the first byte of a handshake's datagrams; RTP's is 128 or more (RFC 5764, 5.1.2)
EVENTS_REMEMBERED = 8
# To a host that may be a victim, we send at most so many times the bytes that came from it (RFC 9000, 8.1).
AMPLIFICATION = 3

Address = tuple[Any, ...]  # (host, port), and for IPv6 flow and scope


class RtpLeg(MediaLeg, asyncio.DatagramProtocol):
    """Sends to the source of the telephone's audio ("latching"), and accepts no other source.

    Telephones behind a NAT send from another port than their SDP says, so we cannot require it. Only two hosts may
    send: the one that signals, from any port, and the one in the SDP (a trunk's gateway). The first may take
    over from the second at any time, but not the reverse. Packets of other hosts are dropped.

    Of one host, the port in the SDP is believed first, then the one that sent first: each takes the sound back with one
    packet. Any other port is believed only after SILENT_FRAMES. Who has our keys is believed at once.

    A packet is sent at every tick, silence included, because carriers end calls without packets.

    signalling_host   returns the host that signals for this leg now
    """

    def __init__(self, clock: Clock, ports: Ports, address: str) -> None:
        super().__init__(clock)
        self.signalling_host: Callable[[], str] = lambda: ""
        self.received = self.sent = 0
        # Whether a packet may go to a host; the flag says whether the host has sent enough, see AMPLIFICATION.
        self.may_send_to: Callable[[str, bool], bool] = lambda host, has_answered: True
        self.key = new_key()  # our encryption key, if keys are in the SDP
        self._cipher: Cipher | None = None
        self._handshake: Handshake | None = None
        self._ports = ports
        self._socket = ports.take(address)
        self.address: str = address
        self.port: int = self._socket.getsockname()[1]
        self._transport: asyncio.DatagramTransport | None = None
        # What the telephone's SDP said.
        self._signalled: Address | None = None
        self._latched: Address | None = None
        self._first: Address | None = None  # the first that was latched of this host
        self._allowance = 0  # bytes that the latched host has paid for
        self._payload_type = PCMU
        self._event_type = TELEPHONE_EVENT
        # What we receive.
        self._heard_tick = 0  # tick of the last packet from the latched address
        self._source = (-1, 0)  # ssrc and sequence of the last audio packet
        self._events: deque[tuple[int, int]] = deque(maxlen=EVENTS_REMEMBERED)
        self._rest = b""
        # What we send. The frame number says where on the clock the last frame stood; timestamps follow it.
        self._ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(16)
        self._origin = random.getrandbits(32)
        self._frame = clock.ticks - TALK_SPURT_FRAMES - 2
        self._key: Playout | None = None
        clock.subscribe(self._fill_pause, last=True)

    @classmethod
    async def open(cls, clock: Clock, ports: Ports, address: str) -> "RtpLeg":
        """Open a leg on a port of its own. Raises NoPortLeft."""
        leg = cls(clock, ports, address)
        try:
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: leg, sock=leg._socket)
        except BaseException:  # the caller may hang up while we wait: release everything
            leg.close()
            raise
        return leg

    def set_remote(self, address: str, port: int, payload_type: int, dtmf_payload_type: int) -> None:
        """Set the address in the telephone's SDP, and its payload types for sound and keys.

        Raises ValueError if we cannot use them. The address must be literal and of our family (IPv4 or IPv6): a name
        lookup would block the clock of all calls.
        """
        host = ip_address(address)
        if (":" in address) != (":" in self.address) or host.is_unspecified or host.is_multicast:
            raise ValueError("This is not an address that we can send sound to.")
        if not 1 <= port <= 65535:
            raise ValueError("This is not a port.")
        if payload_type not in (PCMU, PCMA) or not 96 <= dtmf_payload_type <= 127:
            raise ValueError("These are not payload types that we speak.")
        if self._signalled != (str(host), port):  # a new place, so the next sound decides again
            self._latched, self._allowance = None, 0
        self._signalled = (str(host), port)
        self._payload_type, self._event_type = payload_type, dtmf_payload_type

    @property
    def is_encrypted(self) -> bool:
        return self._cipher is not None

    def encrypt(self, theirs: bytes) -> None:
        """Use SRTP from now on, with our `key` and this key of the telephone."""
        self._cipher = self._cipher or Cipher()
        self._cipher.set_keys(self.key, theirs)

    def start_handshake(self, fingerprint: bytes, *, begin: bool) -> None:
        """Use SRTP from now on, with keys of a DTLS handshake. `begin`: whether we begin it.

        `fingerprint` is the SHA-256 of the telephone's certificate; the same one again changes nothing. No sound is
        sent or heard before the handshake is complete.
        """
        if self._handshake is not None and self._handshake.fingerprint == fingerprint:
            return
        if self._handshake is not None:
            self._handshake.close()
        self._cipher = cipher = Cipher()
        self._handshake = Handshake(fingerprint, self._send_datagram, cipher.set_keys)
        if begin:
            self._handshake.begin()

    @property
    def remote(self) -> Address | None:
        """The address to which we send."""
        return self._latched or self._signalled

    # Callbacks of asyncio.

    def connection_made(self, transport: Any) -> None:
        # No isinstance here: uvloop's transports are not asyncio's.
        self._transport = transport
        if self.closed:
            transport.close()

    def datagram_received(self, datagram: bytes, source: Address) -> None:
        if self.closed or (source != self._latched and not self._may_speak(source)):
            return
        if self._cipher is not None:
            opened = self._decrypt(datagram, source)
            if opened is None:
                return
            datagram = opened
        packet = parse_packet(datagram)
        if packet is None:
            return
        self.received += 1
        if packet.payload_type == self._payload_type:
            self._latch(source, len(datagram))
            self._receive_audio(packet)
        elif packet.payload_type == self._event_type:
            if self._latched is not None:
                self._latch(source, len(datagram))
            self._receive_event(packet)
        if source == self._latched:
            self._heard_tick = self._clock.ticks

    def error_received(self, error: Exception) -> None:
        """Ignore an ICMP error (nobody listens there). If it lasts, the silence timer will notice."""

    # What we receive.

    def _may_speak(self, source: Address) -> bool:
        """Whether a packet from an address other than the latched one can come from this telephone."""
        host, owner = source[0], self.signalling_host()
        if host != owner and (self._signalled is None or host != self._signalled[0]):
            return False
        return self._latched is None or self._may_replace(self._latched, source, owner)

    def _latch(self, source: Address, size: int) -> None:
        """Send to this source from now on. `size`: the bytes that came from it."""
        if self._latched is None or self._latched[0] != source[0]:
            self._allowance = 0
            self._first = source
        self._latched = source
        self._allowance += AMPLIFICATION * size

    def _may_replace(self, latched: Address, source: Address, owner: str) -> bool:
        if (latched[0] == owner) != (source[0] == owner):
            return bool(source[0] == owner)
        if self._cipher is not None or self._rank(source) > self._rank(latched):
            return True  # an encrypted packet is then checked by our keys
        return self._clock.ticks - self._heard_tick > SILENT_FRAMES

    def _rank(self, source: Address) -> int:
        """How surely this port of a host is the telephone's. Translators mostly keep the port that the SDP names."""
        if self._signalled is not None and source[1] == self._signalled[1]:
            return 2
        return 1 if source == self._first else 0

    def _decrypt(self, datagram: bytes, source: Address) -> bytes | None:
        """Decrypt a datagram into a packet. None: it belongs to the handshake, or is not from the telephone."""
        if self._handshake is not None and datagram and datagram[0] in DTLS:
            if self._latched in (None, source):
                self._latch(source, len(datagram))
            self._handshake.receive(datagram)
            return None
        return self._cipher.open(datagram) if self._cipher is not None else None

    def _receive_audio(self, packet: Packet) -> None:
        ssrc, last = self._source
        if ssrc == packet.ssrc and (last - packet.sequence) & 0xFFFF < MISORDER:
            return  # a copy, or too late
        self._source = (packet.ssrc, packet.sequence)
        sound = packet.payload if self._payload_type == PCMU else packet.payload.translate(ALAW_TO_ULAW)
        if len(sound) == FRAME and not self._rest:
            self._receive_frame(sound)
        else:
            self._receive_other_length(sound)

    def _receive_other_length(self, sound: bytes) -> None:
        """Cut the sound of telephones that send 10, 30 or 40 ms per packet into frames."""
        sound = self._rest + sound
        end = len(sound) // FRAME * FRAME  # of the last complete frame
        self._rest = sound[end:]
        for start in range(0, end, FRAME):
            self._receive_frame(sound[start : start + FRAME])

    def receive_key(self, key: str) -> None:
        """Take a key that the signalling brought. A telephone that sends keys in its sound sends each one twice."""
        if not self._events:
            self._receive_digit(key)

    def _receive_event(self, packet: Packet) -> None:
        """Report each pressed digit once: at the first packet of its (ssrc, timestamp) that arrives."""
        if len(packet.payload) < EVENT.size or packet.payload[0] >= len(DIGITS):
            return
        event = (packet.ssrc, packet.timestamp)
        if event not in self._events:
            self._events.append(event)
            self._receive_digit(DIGITS[packet.payload[0]])

    # What we send.

    def _fill_pause(self) -> None:
        """Send silence if nothing else was sent in this tick."""
        patience = 0 if self.conversation is None else LATE_FRAMES
        if self._clock.ticks - self._frame > patience:
            self._transmit(SILENCE)

    def _transmit(self, frame: bytes) -> None:
        if self._key is None:  # a key takes the place of the sound (RFC 4733, 2.5.1.2)
            marker = self._advance()
            sound = frame if self._payload_type == PCMU else frame.translate(ULAW_TO_ALAW)
            self._send_packet(marker | self._payload_type, self._frame, sound)

    def _advance(self) -> int:
        """Advance to the next frame. Returns the marker bit if that frame follows a pause, else 0."""
        self._frame += 1
        if self._clock.ticks - self._frame <= TALK_SPURT_FRAMES:
            return 0
        self._frame = self._clock.ticks
        return MARKER

    def _send_packet(self, kind: int, frame: int, payload: bytes) -> None:
        if self.remote is None or self._transport is None or self.closed:
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        timestamp = (self._origin + frame * FRAME) & 0xFFFFFFFF
        packet: bytes | None = HEADER.pack(VERSION_2, kind, self._sequence, timestamp, self._ssrc) + payload
        if self._cipher is not None and packet is not None:
            packet = self._cipher.seal(packet)
        if packet is not None and self._send_datagram(packet):
            self.sent += 1

    def _send_datagram(self, datagram: bytes) -> bool:
        remote = self._latched or self._signalled
        if remote is None or self._transport is None or self.closed:
            return False
        is_paid_for = remote is self._latched and len(datagram) <= self._allowance
        if not self.may_send_to(remote[0], is_paid_for):
            return False
        self._allowance = max(0, self._allowance - len(datagram))
        try:
            self._transport.sendto(datagram, remote)
        except OSError:
            return False  # no route to it: as if lost
        return True

    async def send_digit(self, digit: str, seconds: float = 0.1) -> bool:
        """Send a key press, as a caller does. Returns False if the leg closes, or is still sending another key."""
        if self.closed or self._key is not None:
            return False
        self._advance()
        start = self._frame

        def send(payload: bytes) -> None:
            first = payload == payloads[0]
            self._send_packet(MARKER * first | self._event_type, start, payload)
            self._frame += 1

        payloads = list(key_payloads(DIGITS.index(digit), max(1, round(seconds * 50))))
        self._key = key = Playout(self._clock, iter(payloads), send)
        try:
            return await key.ended
        finally:
            key.stop()
            self._key = None

    def _release(self) -> None:
        self._clock.unsubscribe(self._fill_pause)
        if self._handshake is not None:
            self._handshake.close()
        if self._key is not None:
            self._key.stop()
        if self._transport is not None:
            self._transport.close()
        else:
            self._socket.close()
        self._transport = None
        self.signalling_host = lambda: ""
        self.may_send_to = lambda host, has_answered: False
        self._ports.release(self.port)
