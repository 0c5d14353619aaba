"""A telephone on the loopback network: it sends a tone, records what it hears, and presses keys."""

import asyncio

from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.rtp import RtpLeg
from amparo.line.switchboard.media.tones import contains_tone, tone
from amparo.line.switchboard.sip import sdp
from amparo.line.switchboard.sip.agent import Agent
from amparo.line.switchboard.sip.digest import Credentials
from amparo.line.switchboard.sip.registration import Registration

PORTS = Ports(31000, 31199)
LONG_ENOUGH = 25  # frames, half a second: enough to tell neighbouring tones apart


class Phone:
    def __init__(self, agent: Agent, sound: RtpLeg, hz: float) -> None:
        self.agent, self.sound, self.hz = agent, sound, hz
        self.heard = b""
        self.dialog = None
        self.picks_up = True
        self.rung = 0  # number of incoming calls
        self.rang_from = ""  # the complete From header of the incoming call
        sound.sink = self._hear
        agent.on_call = self._pick_up

    @classmethod
    async def plug_in(cls, clock: Clock, hz: float, host: str = "127.0.0.1", ports: Ports = PORTS) -> "Phone":
        agent = Agent()
        agent.port = await agent.listen(host, 0)
        phone = cls(agent, await RtpLeg.open(clock, ports, host), hz)
        phone.voice = asyncio.create_task(phone.sound.play(tone(hz, 1.0), loop=True))
        return phone

    def _hear(self, frame: bytes) -> None:
        self.heard += frame

    async def call(self, uri: str, port: int, number: str, host: str = "127.0.0.1") -> None:
        ours = sdp.Sdp(self.sound.address, self.sound.port)
        peer = self.agent.peer(host, port)
        self.dialog, theirs = await self.agent.dial(uri, peer, ours, caller=f"sip:{number}@127.0.0.1")
        self._meet(theirs)

    async def register(self, user: str, password: str, port: int) -> None:
        peer = self.agent.peer("127.0.0.1", port)
        at = f"127.0.0.1:{port}"
        registration = Registration(self.agent, f"sip:{user}@{at}", f"sip:{at}", peer, Credentials(user, password))
        assert await registration.register(300)

    def _pick_up(self, dialog) -> None:
        self.dialog, self.rang_from, self.rung = dialog, dialog.dialog.remote, self.rung + 1
        if not self.picks_up:
            dialog.ring()
            return
        self.lift()

    def lift(self) -> None:
        self._meet(self.dialog.offer)
        self.dialog.answer(sdp.answer_offer(self.dialog.offer, "127.0.0.1", self.sound.port))

    def _meet(self, theirs: sdp.Sdp) -> None:
        self.sound.set_remote(theirs.address, theirs.port, theirs.payloads[0], theirs.dtmf or 101)

    async def press(self, keys: str) -> None:
        for key in keys:
            await self.sound.send_digit(key)

    async def hears(self, hz: float, within: float = 10) -> bool:
        """Whether the tone is heard within a few seconds from now."""
        self.heard = b""
        try:
            async with asyncio.timeout(within):
                while not contains_tone(self.heard[-160 * LONG_ENOUGH :], hz) or len(self.heard) < 160 * LONG_ENOUGH:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True

    def hang_up(self) -> None:
        self.dialog.hangup()

    @property
    def is_up(self) -> bool:
        return self.dialog is not None and self.dialog.is_up

    def fall_silent(self) -> None:
        """Send no packets at all, as telephones that detect silence do."""
        self.voice.cancel()
        self.sound.stop_playing()
        self.sound._clock.unsubscribe(self.sound._fill_pause)

    def unplug(self) -> None:
        self.voice.cancel()
        self.agent.close()
        self.sound.close()
