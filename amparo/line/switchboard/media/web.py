"""A browser's leg: WebRTC by aiortc, Opus or G.711."""

import asyncio
import logging
import re
from collections import deque
from fractions import Fraction
from ipaddress import ip_address
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSctpTransport,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcsctptransport import DataChunk
from av import AudioCodecContext, AudioFrame, AudioResampler, CodecContext, Packet

from .clock import Clock
from .g711 import FRAME, SAMPLE_RATE, SILENCE, to_linear, to_ulaw
from .ice import BrowserPorts
from .leg import DIGITS, MediaLeg
from .ports import NoPortLeft, Ports

log = logging.getLogger(__name__)

OPUS, PCMU = "audio/opus", "audio/PCMU"
KEYS_CHANNEL = "keys"  # label of the data channel by which the page sends the keys pressed
# Frames that may wait for the browser. More would be heard as delay, so the oldest is dropped.
QUEUE_FRAMES = 6
# aiortc has no state "disconnected". A browser always sends sound, so its absence means a lost connection.
GRACE_SECONDS = 15.0
CLOSE_SECONDS = 5.0
LONGEST_OFFER = 16_384  # bytes; Chromium's with audio and data has 2,500
MOST_CANDIDATES = 16  # addresses of the browser
# What a browser may leave unfinished in its channel for keys. aiortc looks at all of it for each packet.
MOST_FRAGMENTS, MOST_STREAMS = 64, 16
NAME = re.compile(r"a=ice-ufrag:[A-Za-z0-9+/]{4,32}")  # RFC 8839, 5.4, and shorter: each probe repeats it
PORT = re.compile(r"[0-9]{1,5}")

BROADCAST = ip_address("255.255.255.255")

_closing: set[asyncio.Task[None]] = set()  # asyncio itself keeps no task alive


class BadOffer(ValueError):
    """We cannot answer this offer."""


class WebLeg(MediaLeg):
    """Answers a browser's offer; sends it exactly one frame a tick, silence included.

    If silence were not sent, or sent more slowly, the browser's jitter buffer would grow to a second for the whole
    call. A browser that sends nothing for `silence_seconds` counts as gone: `on_close` is called, not `on_silence`.

    address    where our UDP sockets listen; None for every address of the machine
    announced  the address at which browsers reach us, if different (behind one-to-one NAT)
    """

    silence_seconds = GRACE_SECONDS

    def __init__(
        self,
        clock: Clock,
        ports: Ports,
        address: str | None = None,
        *,
        announced: str | None = None,
        prefer: str = OPUS,
    ) -> None:
        super().__init__(clock)
        self._prefer = prefer
        self._only_listens = False
        self._waiting: deque[bytes] = deque(maxlen=QUEUE_FRAMES)
        self._voice: VoiceTrack | None = None
        self._connected: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._listening: asyncio.Task[None] | None = None
        self._keys: RTCDataChannel | None = None
        self._last_state = ""
        self._closing: asyncio.Task[None] | None = None
        self._ports = BrowserPorts(ports, address, announced)
        # One transport for sound and keys, so one port per browser.
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._peer = RTCPeerConnection(configuration)
        self._peer.on("track", self._start_receiving)
        self._peer.on("datachannel", self._open_keys_channel)
        self._peer.on("connectionstatechange", self._follow_connection)

    async def answer(self, offer: str) -> str:
        """Return our SDP answer to the browser's offer. On failure, close the leg and raise BadOffer or NoPortLeft."""
        try:
            return await self._negotiate(offer)
        except (asyncio.CancelledError, BadOffer, NoPortLeft):
            self.close()
            raise
        except Exception as reason:  # a hostile offer can make aiortc's parser raise anything
            self.close()
            raise BadOffer("This browser's offer cannot be answered.") from reason

    async def _negotiate(self, offer: str) -> str:
        codec = _codec_of(offer, self._prefer)
        size = len(offer)
        offer, hosts = _with_literal_candidates(offer)
        self._ports.share_allowance(hosts, size)
        self._voice = VoiceTrack(self._clock, codec)
        self._peer.addTrack(self._voice)
        [transceiver] = self._peer.getTransceivers()
        transceiver.setCodecPreferences(
            [each for each in RTCRtpSender.getCapabilities("audio").codecs if each.mimeType == codec]
        )
        self._ports.bind(transceiver.receiver.transport.transport)
        await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if self._peer.sctp is not None:
            self._limit_unfinished(self._peer.sctp)
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        self._only_listens = transceiver.currentDirection == "sendonly"
        self._clock.subscribe(self._feed_voice)
        return self._peer.localDescription.sdp

    async def wait_connected(self) -> bool:
        """Wait until sound can flow. Returns False if the leg closed before. Sound sent earlier is lost."""
        return await asyncio.shield(self._connected)

    async def wait_closed(self) -> None:
        """Wait, after close(), until sockets and threads are gone."""
        if self._closing is not None:
            await self._closing

    # What the browser hears.

    def _transmit(self, frame: bytes) -> None:
        self._waiting.append(frame)

    def _feed_voice(self) -> None:
        if self._voice is not None:
            self._voice.queue_frame(self._waiting.popleft() if self._waiting else SILENCE)

    # What the browser says.

    def _start_receiving(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._receive_sound(track))

    async def _receive_sound(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=FRAME)
        while not self.closed:
            try:
                received = await track.recv()
            except MediaStreamError:
                return  # the track has ended
            if isinstance(received, AudioFrame):
                for frame in resampler.resample(received):
                    self._receive_frame(to_ulaw(frame.to_ndarray()[0]))

    def _open_keys_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == KEYS_CHANNEL:
            self._keys = channel
            channel.on("message", self._receive_key)
            self.send_state(self._last_state)

    def _limit_unfinished(self, sctp: RTCSctpTransport) -> None:
        """Hang up on a browser that sends more unfinished messages than our pages do. aiortc itself sets no limit."""
        receive = sctp._receive_data_chunk

        async def receive_within_limits(chunk: DataChunk) -> None:
            await receive(chunk)
            streams = sctp._inbound_streams
            unfinished = sum(len(each.reassembly) for each in streams.values()) + len(sctp._sack_misordered)
            if len(streams) > MOST_STREAMS or unfinished > MOST_FRAGMENTS:
                self._handle_gone()

        sctp._receive_data_chunk = receive_within_limits  # type: ignore[method-assign]

    def send_state(self, state: str) -> None:
        """Send the state of the call to the page. A page that connects later gets the last state."""
        self._last_state = state
        if state:
            self.send_word(state)

    def send_word(self, word: str) -> None:
        """Send one word to the page, if its channel is open."""
        if self._keys is not None and self._keys.readyState == "open":
            self._keys.send(word)

    def _receive_key(self, message: object) -> None:
        if isinstance(message, str) and len(message) == 1 and message in DIGITS:
            self._receive_digit(message)

    # The end.

    def _follow_connection(self) -> None:
        state = self._peer.connectionState
        if state == "connected" and not self._connected.done():
            self._connected.set_result(True)
        if state in ("failed", "closed"):
            self._handle_gone()

    def _report_silence(self) -> None:
        if not self._only_listens:
            self._handle_gone()

    def _release(self) -> None:
        self._clock.unsubscribe(self._feed_voice)
        if not self._connected.done():
            self._connected.set_result(False)
        if self._listening is not None:
            self._listening.cancel()
        self._closing = asyncio.get_running_loop().create_task(self._close_peer())
        _closing.add(self._closing)
        self._closing.add_done_callback(_closing.discard)

    async def _close_peer(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._peer.close()
        except Exception:
            log.exception("A browser's connection did not close in order.")
        finally:
            self._ports.release()


def _codec_of(offer: str, prefer: str) -> str:
    """Return the codec for the answer: `prefer` if the browser offers it, else G.711. Raises BadOffer."""
    if len(offer) > LONGEST_OFFER:
        raise BadOffer("This browser's offer is too long.")
    if re.findall(r"^m=(\w+)", offer, re.MULTILINE) not in (["audio"], ["audio", "application"]):
        raise BadOffer("This browser offers something else than one sound, and perhaps keys.")
    if "a=fingerprint:" not in offer:
        raise BadOffer("This browser's offer has no key to know it by.")
    offered = {f"audio/{name.lower()}" for name in re.findall(r"^a=rtpmap:\d+ (\w+)/", offer, re.MULTILINE)}
    return prefer if prefer.lower() in offered else PCMU


def _with_literal_candidates(offer: str) -> tuple[str, list[str]]:
    """Remove unusable candidates from an offer. Returns the offer, and the hosts of the candidates that stay.

    Unusable are host names (looking up `.local` takes a second), multicast, impossible ports, and protocols other than
    UDP. Raises BadOffer for more than MOST_CANDIDATES, and for an `ice-ufrag` that is not as RFC 8839 writes it, with
    at most 32 characters.
    """
    lines = offer.splitlines()
    candidates = [line for line in lines if line.startswith("a=candidate:")]
    if not all(NAME.fullmatch(line) for line in lines if line.startswith("a=ice-ufrag:")):
        raise BadOffer("This browser's offer has no proper name.")
    if len(candidates) > MOST_CANDIDATES:
        raise BadOffer("This browser's offer names too many addresses.")
    usable = [line for line in candidates if _is_usable(line.split())]
    kept = [line for line in lines if not line.startswith("a=candidate:") or line in usable]
    return "".join(f"{line}\r\n" for line in kept), [str(ip_address(line.split()[4])) for line in usable]


def _is_usable(candidate: list[str]) -> bool:
    """Whether an ICE candidate is a UDP port at a literal address of one host. Its fields follow RFC 8839, 5.1."""
    try:
        component, protocol, address, port = candidate[1], candidate[2], ip_address(candidate[4]), candidate[5]
    except (IndexError, ValueError):
        return False
    if "%" in candidate[4]:
        return False  # with a scope, one host has many names
    nobody = address.is_multicast or address.is_unspecified or address == BROADCAST
    if nobody or component != "1":  # component 2 would be RTCP on a port of its own, which we do not use
        return False
    return protocol.lower() == "udp" and PORT.fullmatch(port) is not None and 0 < int(port) < 65_536


class VoiceTrack(MediaStreamTrack):
    """Encodes our sound for the browser. aiortc's own encoder is stereo, 48 kHz and in another thread."""

    kind = "audio"

    def __init__(self, clock: Clock, codec: str) -> None:
        super().__init__()
        self._clock = clock
        self._opus = _opus_encoder() if codec == OPUS else None
        # RFC 7587, 4.1: Opus counts 48,000 a second whatever it carries.
        self._rate = 48_000 if codec == OPUS else SAMPLE_RATE
        self._time_base = Fraction(1, self._rate)
        self._frames: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(QUEUE_FRAMES)
        self._wanted = False

    def queue_frame(self, frame: bytes) -> None:
        """Queue the frame of this tick."""
        if not self._wanted:
            return  # not connected yet: old sound would arrive as a burst
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait((self._clock.ticks, frame))

    async def recv(self) -> "Packet[Any]":
        self._wanted = True
        tick, frame = await self._frames.get()
        packet = _encode_opus(self._opus, frame) if self._opus is not None else Packet(frame)
        packet.pts = tick * FRAME * self._rate // SAMPLE_RATE
        packet.time_base = self._time_base
        return packet


def _opus_encoder() -> AudioCodecContext:
    encoder = CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate = SAMPLE_RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = 24_000
    encoder.time_base = Fraction(1, SAMPLE_RATE)
    # In-band error correction, for lines that lose up to one packet in ten.
    encoder.options = {"application": "voip", "fec": "1", "packet_loss": "10", "compression_level": "5"}
    return encoder


def _encode_opus(encoder: AudioCodecContext, frame: bytes) -> "Packet[Any]":
    samples = AudioFrame.from_ndarray(to_linear(frame).reshape(1, FRAME), format="s16", layout="mono")
    samples.sample_rate = SAMPLE_RATE
    [packet] = encoder.encode(samples)
    return packet
