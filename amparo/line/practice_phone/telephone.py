"""An invented person's telephone: our own SIP and audio, at the other end of the line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from amparo.foundation.core.environment import Environment
from amparo.line.switchboard.legs import PhoneLeg
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.g711 import FRAME
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.rtp import RtpLeg
from amparo.line.switchboard.sip import sdp
from amparo.line.switchboard.sip.agent import Agent
from amparo.line.switchboard.sip.call import SipCall
from amparo.line.switchboard.sip.invitation import CallFailed

from .ear import Ear

RTP_PORTS = 1000  # our own ports, beside those of the switchboard
BETWEEN_KEYS = 0.15  # seconds
QUIET_ROOM = b"\xfe\xff" * (FRAME // 2)  # what an open microphone picks up; silence is what the line fills pauses with
GOODBYE = 0.3  # seconds for the other side to answer our BYE
NOBODY_THERE = 15.0  # seconds; our own hotline answers within one


class Line:
    """The caller's end of one call: speak, press keys, hang up. Between words it sends the sound of a quiet room."""

    def __init__(self, leg: PhoneLeg, sound: RtpLeg, clock: Clock, ear: Ear) -> None:
        self.ear = ear
        self.is_over = asyncio.Event()
        self._leg, self._sound, self._clock = leg, sound, clock
        leg.on_end = self._end
        sound.sink = ear.hear
        clock.subscribe(self._send_quiet)

    async def say(self, words: bytes) -> None:
        await self._sound.play(words)

    async def press(self, keys: str) -> None:
        for key in keys:
            await self._sound.send_digit(key)
            await asyncio.sleep(BETWEEN_KEYS)

    def hang_up(self) -> None:
        if not self.is_over.is_set():
            self._end()
            self._leg.hang_up()

    def _end(self) -> None:
        self._clock.unsubscribe(self._send_quiet)
        self.is_over.set()

    def _send_quiet(self) -> None:
        self._sound.send(QUIET_ROOM)


class Telephone:
    """A SIP telephone that calls the hotline and can be called. It carries several calls at once."""

    def __init__(self, environment: Environment, clock: Clock) -> None:
        self.environment, self.clock, self.agent = environment, clock, Agent()
        self.host = environment.hosts[0]
        self._ports = Ports(*_ports_beside(environment.rtp_ports))

    async def plug_in(self, on_call: Callable[[SipCall], None] | None = None, port: int = 0) -> None:
        """Start listening. `on_call` receives incoming calls; without it they are refused."""
        if on_call:
            self.agent.on_call = on_call
        await self.agent.listen(self.host, port)

    async def dial(self, uri: str, shown: str, ear: Ear) -> Line:
        """Call `uri` of the hotline, with `shown` as the SIP address of the caller. Raises CallFailed."""
        sound = await RtpLeg.open(self.clock, self._ports, self.host)
        peer = self.agent.peer(self.host, self.environment.sip_port)
        offer = sdp.Sdp(self.host, sound.port, payloads=(sdp.PCMU,))
        try:
            async with asyncio.timeout(NOBODY_THERE):
                sip_call, theirs = await self.agent.dial(uri, peer, offer, caller=shown)
        except TimeoutError as late:
            sound.close()
            raise CallFailed(408) from late
        except BaseException:
            sound.close()
            raise
        leg = PhoneLeg(sip_call, sound)
        leg.connect_media(theirs)
        return self._new_line(sip_call, leg, sound, ear)

    async def answer(self, sip_call: SipCall, ear: Ear) -> Line:
        """Answer a ringing call. Raises CallFailed if it has ended or offers no audio."""
        offer = sip_call.offer
        if offer is None or sip_call.has_ended:
            sip_call.hangup(488)
            raise CallFailed(488)
        sound = await RtpLeg.open(self.clock, self._ports, self.host)
        leg = PhoneLeg(sip_call, sound)
        leg.connect_media(offer)
        sip_call.answer(leg.answer_to(offer))
        return self._new_line(sip_call, leg, sound, ear)

    def unplug(self) -> None:
        self.agent.close()

    def _new_line(self, sip_call: SipCall, leg: PhoneLeg, sound: RtpLeg, ear: Ear) -> Line:
        line = Line(leg, sound, self.clock, ear)
        if sip_call.has_ended:
            line.hang_up()
        return line


@asynccontextmanager
async def open_telephone(environment: Environment) -> AsyncIterator[Telephone]:
    """Yield a telephone, and unplug it after the block. Call `plug_in` to use it."""
    async with Clock(rests=True).running() as clock:
        phone = Telephone(environment, clock)
        try:
            yield phone
        finally:
            await asyncio.sleep(GOODBYE)
            phone.unplug()


def _ports_beside(taken: range) -> tuple[int, int]:
    first = taken.stop if taken.stop + RTP_PORTS < 65536 else taken.start - RTP_PORTS
    return first, first + RTP_PORTS - 1
