"""A leg: one party of a call, with its signalling and its sound.

Call control knows only this interface. A back-end with external media (rtpengine) would provide its own MediaLeg.
"""

import asyncio
from collections.abc import Callable

from .media.leg import MediaLeg
from .media.rtp import TELEPHONE_EVENT, RtpLeg
from .media.srtp import own_fingerprint
from .media.web import WebLeg
from .reach import Reach
from .sip import sdp, sdp_keys
from .sip.call import SipCall

NOT_IN_CALL = 481  # the phone says so itself
UNANSWERED = (408, 503)  # nobody answered: it may be gone


class Leg:
    """A party with a browser, and the base of all legs.

    `on_end` is called once, when the party hung up or is gone. It is not called after our own `hang_up`.
    """

    hangs_up_for_all = False  # a page that is closed or reloaded has not hung up

    def __init__(self, sound: MediaLeg) -> None:
        self.sound = sound
        self.on_end: Callable[[], None] = lambda: None
        self.fell_silent = False
        self._is_over = False
        sound.on_close = self.handle_end

    @property
    def is_over(self) -> bool:
        return self._is_over

    def send_state(self, state: str) -> None:
        """Send the state of the call to the party's page, if it has one."""
        if isinstance(self.sound, WebLeg):
            self.sound.send_state(state)

    def send_word(self, word: str) -> None:
        """Send one word to the party's page, if it has one. Unlike a state, a page that connects later gets none."""
        if isinstance(self.sound, WebLeg):
            self.sound.send_word(word)

    def hang_up(self) -> None:
        self._is_over = True
        self.on_end = lambda: None
        self.sound.close()

    def handle_end(self) -> None:
        if not self._is_over:
            on_end = self.on_end
            self.hang_up()
            on_end()


class PhoneLeg(Leg):
    """A party with a telephone."""

    hangs_up_for_all = True  # an operator who puts the handset down ends the call

    def __init__(self, sip_call: SipCall, sound: RtpLeg, reach: Reach | None = None) -> None:
        super().__init__(sound)
        self._sip_call, self._rtp, self._reach = sip_call, sound, reach or Reach()
        sound.may_send_to = self._may_send_to
        self._asking: asyncio.Task[None] | None = None
        sound.signalling_host = lambda: sip_call.dialog.source.host
        sound.on_silence = self._check_silent_phone
        sip_call.on_hangup = self.handle_end
        sip_call.on_offer = self._answer_reinvite
        sip_call.on_answer = self.connect_media
        sip_call.on_key = sound.receive_key

    def connect_media(self, theirs: sdp.Sdp) -> None:
        """Send sound to the address in this SDP, encrypted as it says. Raises ValueError if we cannot."""
        number = TELEPHONE_EVENT if theirs.dtmf is None else theirs.dtmf
        if self._rtp.is_encrypted and not theirs.is_encrypted:
            raise ValueError("Sound that is encrypted stays so to the end.")
        self._rtp.set_remote(theirs.address, theirs.port, theirs.payloads[0], number)
        self._rtp.is_on_hold = not theirs.direction.sends
        if theirs.dtls is not None:
            self._rtp.start_handshake(theirs.dtls.fingerprint, begin=theirs.dtls.setup is sdp_keys.Setup.PASSIVE)
        elif theirs.crypto is not None:
            self._rtp.encrypt(theirs.crypto.key)

    def answer_to(self, offer: sdp.Sdp) -> sdp.Sdp:
        """Return our answer to an SDP offer, encrypted in the same way. Raises ValueError if we cannot answer it."""
        address, port = self._rtp.address, self._rtp.port
        return sdp.answer_offer(offer, address, port, self._rtp.key, own_fingerprint() if offer.dtls else b"")

    @property
    def is_encrypted(self) -> bool:
        """Whether the sound is encrypted. The signalling may not be."""
        return self._rtp.is_encrypted

    def _may_send_to(self, host: str, is_paid_for: bool) -> bool:
        """Whether sound may go to this host: only after the ACK, and only if `Reach.allows` it."""
        signalling = self._sip_call.dialog.source.host
        return self._sip_call.is_acknowledged and self._reach.allows(host, signalling, is_paid_for=is_paid_for)

    def hang_up(self, code: int = 480) -> None:
        super().hang_up()
        self._sip_call.hangup(code)

    def _answer_reinvite(self, theirs: sdp.Sdp) -> sdp.Sdp | None:
        """Return our answer to a re-INVITE (hold, resume, a phone whose address changed), or None to refuse it."""
        try:
            ours = self.answer_to(theirs)
            if not theirs.is_nowhere:
                self.connect_media(theirs)
        except ValueError:
            return None
        return ours

    def _check_silent_phone(self) -> None:
        """Handle a leg that has sent no packets for a long time.

        A phone may send none while its user is silent, and a silent person is never hung up on. So ask the phone
        whether it is still in the call. End the leg only if it is not, because its BYE was lost; if it does not answer,
        only if it sent no packet meanwhile.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._end_unless_in_call())

    async def _end_unless_in_call(self) -> None:
        dialog, heard = self._sip_call.dialog, self._rtp.received
        code = (await self._sip_call.agent.transact(dialog.request("OPTIONS"), dialog.peer)).status_code
        if code == NOT_IN_CALL or (code in UNANSWERED and self._rtp.received == heard):
            self.fell_silent = True
            self.handle_end()
