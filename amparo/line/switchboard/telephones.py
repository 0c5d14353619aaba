"""Telephones: callers from the public network, the operators' desk phones, and outgoing calls."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current

from .certificate import tls_context
from .destinations import parse_telephone_number
from .legs import Leg, PhoneLeg
from .media.clock import Clock
from .media.ports import Ports
from .media.rtp import RtpLeg
from .picklists import Trunk
from .reach import Reach
from .seats import Seats
from .sip import sdp, sdp_keys
from .sip.agent import Agent
from .sip.call import SipCall
from .sip.digest import Credentials, ha1
from .sip.flow import Peer, bracket
from .sip.invitation import CallFailed
from .sip.registrar import Registrar
from .sip.registration import Registration
from .unacknowledged_calls import PendingCalls

REALM = "amparo"
RING_DESK, RING_OUT = 30.0, 45.0  # seconds
NOT_THIS_SOUND = (415, 488, 606)
LONGEST_LINE = 40  # characters, the width of Call.line
LAGGING = 1.0  # seconds of lasting delay of the sound: nobody would be understood


class Unanswered(Exception):
    """The other side did not answer, is busy or cannot be reached."""


class Telephones:
    """All telephone calls, in and out.

    `on_caller(leg, line, number)` is called for each new caller, already answered. `line` is the number dialled.
    `number`, the caller's, serves only to make the pseudonym.
    """

    def __init__(self, environment: Environment, clock: Clock, ports: Ports, seats: Seats) -> None:
        self.environment, self.clock, self.ports, self.seats = environment, clock, ports, seats
        user = environment.trunk_user
        self.credentials = Credentials(user, environment.trunk_secret) if user else None
        self.on_caller: Callable[[Leg, str, str], None] = lambda leg, line, number: leg.hang_up()
        self.registrar = Registrar(REALM, self._secret_of)
        self._registration: Registration | None = None  # None: the trunk asks for none, or there is no trunk
        self._sound_of_desks: dict[str, bool] = {}  # by username: whether the sound of the last call was encrypted
        self.agent = Agent()
        self.agent.registrar = self.registrar
        self.agent.trusts = lambda host: host in environment.trunks
        self.agent.refuses = self._refusal_of
        self.expects_own_call: Callable[[], bool] = lambda: False
        self.pending = PendingCalls(self.agent.is_known)
        self.agent.on_call = self._on_call
        trunk = (environment.trunk[0],) if environment.trunk else ()
        self._reach = Reach((*environment.trunks, *trunk), environment.media_networks)
        self.agent.is_trunk = lambda host: host in self._reach.trunks

    @property
    def line_number(self) -> str:
        return current().line_number

    async def listen(self) -> None:
        for host in self.environment.hosts:
            await self.agent.listen(host, self.environment.sip_port)
            if self.environment.sip_tls is not None:
                context = tls_context(*self.environment.sip_tls)
                await self.agent.listen_tls(host, self.environment.sip_tls_port, context)

    # Callers.

    def _refusal_of(self, host: str) -> int | None:
        """The SIP status that refuses a new call from this host, or None to accept it."""
        is_ours = host in self.environment.hosts and self.expects_own_call()  # practice
        if self.environment.trunks and host not in self.environment.trunks and not is_ours:
            return 403
        if not self._can_carry():
            return 503
        return None if self.pending.admits(host) or self.pending.may_wait(host) else 503

    def _can_carry(self) -> bool:
        return self.ports.free_count > self.ports.for_running_calls and self.clock.lag < LAGGING

    def _on_call(self, sip_call: SipCall) -> None:
        host = sip_call.dialog.source.host
        if self.pending.has_place(host):
            self._begin_answer(sip_call)
        else:
            sip_call.on_settled = self.pending.wait(
                host, lambda: self._begin_answer(sip_call), lambda: sip_call.hangup(503)
            )

    def _begin_answer(self, sip_call: SipCall) -> None:
        sip_call.on_settled = self.pending.add(sip_call.dialog.source.host, sip_call.hangup)
        self.agent.spawn(self._answer(sip_call))

    async def _answer(self, sip_call: SipCall) -> None:
        """Answer a caller, who enters the menu when the ACK arrives.

        No sound is sent before: an address that never answers may belong to the victim of a reflection attack.
        """
        offer, origin, settle = sip_call.offer, sip_call.origin, sip_call.on_settled
        try:
            leg, ours = await self._open_leg(sip_call, offer)
        except OSError:  # no free port or socket
            sip_call.hangup(503)
        except ValueError:
            sip_call.hangup(488)
        else:

            def settled() -> None:
                settle()
                if not sip_call.has_ended:
                    self.on_caller(
                        leg, _cleaned_line(origin.dialled) if origin else "", origin.caller if origin else ""
                    )

            if not sip_call.has_ended:  # otherwise they hung up while the port was opened
                sip_call.on_settled = settled
                sip_call.answer(ours)

    async def _open_leg(self, sip_call: SipCall, offer: sdp.Sdp | None) -> tuple[PhoneLeg, sdp.Sdp]:
        address = self._own_address(offer.address if offer else sip_call.dialog.source.host)
        sound = await RtpLeg.open(self.clock, self.ports, address)
        leg = PhoneLeg(sip_call, sound, self._reach)
        ours = sdp.Sdp(address, sound.port)
        if sip_call.has_ended:
            sound.close()
        elif offer:
            try:
                ours = leg.answer_to(offer)
                leg.connect_media(offer)
            except ValueError:
                sound.close()
                raise
        return leg, ours

    # Desk phones.

    def _secret_of(self, user: str) -> str | None:
        secret = self.seats.secrets.get(user)
        return ha1(user, REALM, secret) if secret else None

    async def ring_desk_phone(self, username: str) -> Leg:
        """Ring the desk phone of an operator and return its leg. Raises Unanswered, or NoPortLeft."""
        binding = self.registrar.lookup(username)
        if binding is None:
            raise Unanswered
        protocols = (sdp.SDES, sdp.PLAIN) if binding.peer.is_secure else (sdp.PLAIN,)
        leg = await self._dial(binding.uri, binding.peer, REALM, RING_DESK, protocols=protocols)
        self._sound_of_desks[username] = leg.is_encrypted
        return leg

    def desk_phone_encryption(self, username: str) -> dict[str, bool | None]:
        """Return whether the "signalling" of an operator's desk phone, and the "sound" of its last call, are encrypted.

        None: the phone is not connected, or had no call since the switchboard started.
        """
        binding = self.registrar.lookup(username)
        return {
            "signalling": binding.peer.is_secure if binding else None,
            "sound": self._sound_of_desks.get(username),
        }

    # Return calls.

    async def call_out(self, number: str) -> Leg:
        """Call a number or a SIP address, showing the hotline's number.

        Raises Unanswered, NoPortLeft, or `Refused` for a destination that is not allowed.
        """
        uri, (host, port), credentials = self.route_to(number)
        return await self._dial(uri, self.agent.peer(host, port), self.line_number, RING_OUT, credentials)

    def route_to(self, number: str) -> tuple[str, tuple[str, int], Credentials | None]:
        """Return the URI of a number or SIP address, the host and port to which its call goes, and our sign-in there.

        Raises `Refused` for an address at a host that nobody allowed: a call can cost money, and an address that a
        caller names can belong to the victim of a flood. A number at the trunk's host is dialled as a plain number.
        """
        user, is_address, place = number.partition("@")
        if not is_address:
            host, port = self.trunk_address()
            return f"sip:{number}@{bracket(host)}:{port}", (host, port), self.credentials
        if place not in self.environment.sip_hosts:
            raise Refused(_("No call may go to the host of this address. The administrator can allow it."))
        if (at := self.environment.sip_hosts[place]) is None:
            raise Refused(_("The host of this address cannot be found. Ask the administrator to look at it."))
        if at != self.environment.trunk:
            return f"sip:{number}", at, None
        if not any(sign.isalpha() for sign in user):
            number = f"{parse_telephone_number(user)}@{place}"
        return f"sip:{number}", at, self.credentials

    def trunk_address(self) -> tuple[str, int]:
        """The host and port for outgoing calls. Raises `Refused` if none is set."""
        if self.environment.trunk is None:
            raise Refused(_("No line out is set. Ask the administrator to set AMPARO_TRUNK."))
        return self.environment.trunk

    async def stay_registered(self) -> None:
        """Stay registered at a trunk that requires it, until cancelled. Without such a trunk, wait for ever."""
        if self.credentials is None or self.environment.trunk is None:
            await asyncio.Event().wait()
            return
        host, port = self.environment.trunk
        address, registrar = f"sip:{self.credentials.user}@{bracket(host)}:{port}", f"sip:{bracket(host)}:{port}"
        peer = self.agent.peer(host, port)
        self._registration = Registration(self.agent, address, registrar, peer, self.credentials)
        await self._registration.run()

    @property
    def trunk_state(self) -> Trunk:
        if self.environment.trunk is None:
            return Trunk.NONE
        if self.credentials is None:
            return Trunk.WITHOUT_REGISTRATION
        is_registered = self._registration is not None and self._registration.is_registered
        return Trunk.REGISTERED if is_registered else Trunk.REFUSED

    async def _dial(
        self,
        uri: str,
        peer: Peer,
        caller: str,
        patience: float,
        credentials: Credentials | None = None,
        protocols: tuple[str, ...] = (),
    ) -> PhoneLeg:
        """Place a call and return its leg. Raises Unanswered, after `patience` seconds at the latest, or NoPortLeft.

        `protocols`: how the sound may be sent with our key, each offered if the one before is refused. Empty:
        unencrypted sound. Nothing of any other call is sent along.
        """
        address = self._own_address(peer.host)
        shown = f"sip:{caller}@{bracket(address)}"
        sound = await RtpLeg.open(self.clock, self.ports, address)
        plain = sdp.Sdp(address, sound.port)
        offers = [replace(plain, protocol=each, crypto=sdp_keys.Crypto(1, sound.key)) for each in protocols] or [plain]
        try:
            async with asyncio.timeout(patience):
                sip_call, theirs = await self._dial_with_offers(uri, peer, offers, shown, credentials)
            leg = PhoneLeg(sip_call, sound, self._reach)
            leg.connect_media(theirs)
        except (CallFailed, TimeoutError, ValueError) as failure:
            sound.close()
            raise Unanswered from failure
        except BaseException:
            sound.close()
            raise
        if sip_call.has_ended:
            leg.hang_up()
            raise Unanswered
        return leg

    async def _dial_with_offers(
        self, uri: str, peer: Peer, offers: list[sdp.Sdp], caller: str, credentials: Credentials | None
    ) -> tuple[SipCall, sdp.Sdp]:
        """Dial with each offer in turn until one is not refused because of its media. Returns the call and the answer's
        SDP. Raises CallFailed.
        """
        *wishes, last = offers
        for ours in wishes:
            try:
                return await self.agent.dial(uri, peer, ours, caller=caller, credentials=credentials)
            except CallFailed as failure:
                if failure.code not in NOT_THIS_SOUND:
                    raise
        return await self.agent.dial(uri, peer, last, caller=caller, credentials=credentials)

    def _own_address(self, theirs: str) -> str:
        """Return our address of the same family (IPv4 or IPv6). Raises ValueError if we have none."""
        ours = [host for host in self.environment.hosts if (":" in host) == (":" in theirs)]
        if not ours:
            raise ValueError("We have no address of this family.")
        return ours[0]


def _cleaned_line(dialled: str) -> str:
    """Clean the dialled number, which a stranger chose, so that its column can hold it."""
    return "".join(sign for sign in dialled if sign.isprintable())[:LONGEST_LINE]
