"""One leg of a call, in either direction: ring, answer, re-offer, hang up (RFC 3261 sections 13 to 15)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING

from .dialog import MAX_FORWARDS, Dialog, Origin
from .digest import Credentials, authorize
from .flow import Peer
from .invitation import CallFailed, Invitation
from .key_press import ACCEPTED, is_key_press, key_of
from .message import ALLOW, Request, Response
from .offer_answer import OfferAnswer
from .sdp import Sdp, SdpError, answer_offer, parse_sdp
from .session_timer import SessionTimer, timer_wish_of
from .transaction import ServerTransaction

if TYPE_CHECKING:
    from .agent import Agent

ATTEMPTS = 3  # one INVITE, and again after a challenge and a 422
GONE = (408, 481)  # 12.2.1.2: the other side no longer knows the dialog


class State(Enum):
    PENDING = auto()
    UP = auto()
    ENDED = auto()


class SipCall:
    """One leg of a call, in either direction. Its callbacks are plain functions:

    `on_settled()`  once, when the INVITE that came in is no longer pending: acknowledged, or the leg has ended
    `on_hangup()`  once, when the leg ends, whoever ended it
    `on_offer(sdp) -> Sdp | None`  a new offer within the call; None refuses it with 488, and the call goes on as it was
    `on_answer(sdp)`  the other side's answer to an offer in our 2xx, because its INVITE had none
    `on_key(key)`  a key that the other side pressed, sent in an INFO
    """

    def __init__(
        self, agent: "Agent", dialog: Dialog, invite: ServerTransaction | None = None, offer: Sdp | None = None
    ) -> None:
        self.agent, self.dialog = agent, dialog
        self.origin: Origin | None = None  # incoming calls only
        self.offer = offer  # what the caller offered; None: the offer is to be ours
        self.state = State.PENDING
        self.on_settled: Callable[[], None] = lambda: None
        self.on_hangup: Callable[[], None] = lambda: None
        self.is_acknowledged = False  # the other side answered us, so its address is real
        self.on_offer: Callable[[Sdp], Sdp | None] = self._answer_as_before
        self.on_answer: Callable[[Sdp], None] = lambda sdp: None
        self.on_key: Callable[[str], None] = lambda key: None
        self.session = SessionTimer(agent.session_expires, agent.min_se)
        self.credentials: Credentials | None = None
        self._invite = invite  # what set up this leg, if incoming
        if invite:
            invite.on_cancel = self._end  # the transaction says 487
        self._invitation: Invitation | None = None  # an INVITE of ours under way
        self._unacknowledged: ServerTransaction | None = None  # a 2xx of ours
        self._awaits_answer = False  # in the ACK of that 2xx
        self._owes_bye = False
        self.sdp = OfferAnswer(offer)  # both sides' current descriptions

    @property
    def is_up(self) -> bool:
        return self.state is State.UP

    @property
    def has_ended(self) -> bool:
        return self.state is State.ENDED

    def ring(self, code: int = 180) -> None:
        if self._invite and self._invite.is_pending:
            self._invite.respond(self.dialog.response(self._invite, code))

    def answer(self, sdp: Sdp) -> None:
        """Answer with 200, repeated until the ACK. Without an ACK the leg is hung up after 64*T1 (13.3.1.4)."""
        if self._invite is None or not self._invite.is_pending:
            return  # cancelled meanwhile
        self.state = State.UP
        self._respond(self._invite, sdp, has_offer=self.offer is None)

    def _respond(self, transaction: ServerTransaction, sdp: Sdp | None, *, has_offer: bool) -> None:
        """Send a 2xx to an INVITE or UPDATE. `has_offer`: the 2xx contains our offer, and the ACK the answer."""
        body = self.sdp.write_local(sdp) if sdp else ""
        if transaction.is_invite:
            self._expect_ack(transaction, has_offer)
        response = self.dialog.response(transaction, 200, body)
        self.session.confirm(response)
        transaction.respond(response)
        self._restart_session_timer()

    def _expect_ack(self, transaction: ServerTransaction, has_offer: bool) -> None:
        if self._unacknowledged:
            self._unacknowledged.settle()  # RFC 5407 3.1.4: only its ACK was lost, as a new INVITE is here
        self._unacknowledged, self._awaits_answer = transaction, has_offer
        transaction.on_ack, transaction.on_no_ack = self._handle_ack, self._handle_missing_ack

    def _handle_ack(self, ack: Request) -> None:
        self._unacknowledged = None
        if self._owes_bye:
            self._send_bye()
        elif self._awaits_answer and self.is_up:
            self._take_late_answer(ack)
        if not self.is_acknowledged and not self.has_ended:
            self.is_acknowledged = True
            self._move_to(self.dialog.source)
            self.on_settled()

    def _take_late_answer(self, ack: Request) -> None:
        before = self.sdp.remote
        try:
            self.on_answer(self.sdp.read_answer(ack))
        except ValueError:  # it cannot be read (SdpError), or not be used: another family, or a key taken away
            self.sdp.remote = before
            if before is None:  # no media was ever agreed on
                self.hangup()

    def _handle_missing_ack(self) -> None:
        self._unacknowledged = None
        if self._owes_bye:
            self._send_bye()
        self.hangup()

    def receive(self, transaction: ServerTransaction) -> None:
        method, seq = transaction.request.method, transaction.facts.seq
        if seq < self.dialog.remote_seq:  # 12.2.2
            transaction.reply(500)
            return
        self.dialog.remote_seq = seq
        if method == "BYE":
            self._receive_bye(transaction)
        elif method in ("INVITE", "UPDATE"):
            self._receive_offer(transaction)
        elif method == "INFO":
            self._receive_info(transaction)
        elif method == "OPTIONS":
            transaction.reply(200, Allow=ALLOW)
        else:
            transaction.reply(405, Allow=ALLOW)

    def _receive_bye(self, transaction: ServerTransaction) -> None:
        transaction.reply(200)
        if self._invite and self._invite.is_pending:
            self._invite.reply(487)  # 15.1.2
        if self._unacknowledged:
            self._unacknowledged.settle()
        self._end()

    def _receive_info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.get_header("Info-Package"):
            transaction.reply(469, Recv_Info="")  # RFC 6086 section 4.2.2: we know no package
            return
        if request.body and not is_key_press(request):
            transaction.reply(415, Accept=ACCEPTED)
            return
        transaction.reply(200, Allow=ALLOW)
        if request.body and self.is_up and (key := key_of(request)):
            self.on_key(key)

    def _receive_offer(self, transaction: ServerTransaction) -> None:
        request, wish = transaction.request, timer_wish_of(transaction.request)
        waiting = self._unacknowledged and self._awaits_answer
        if self._invitation or waiting or not self.is_up:
            transaction.reply(491)  # 14.2: one exchange at a time
        elif wish and wish.interval < self.session.min_se:
            transaction.reply(422, Min_SE=str(self.session.min_se))
        elif request.body:
            self._answer_offer(transaction)
        else:
            self._handle_refresh(transaction)
            self._respond(
                transaction, self.sdp.local if transaction.is_invite else None, has_offer=transaction.is_invite
            )

    def _answer_offer(self, transaction: ServerTransaction) -> None:
        try:
            offer = parse_sdp(transaction.request.text)
            ours = self.on_offer(offer)
        except SdpError:
            ours = None
        if ours is None:
            transaction.reply(488)
            return
        self.sdp.remote = offer
        self._handle_refresh(transaction)
        self._respond(transaction, ours, has_offer=False)

    def _handle_refresh(self, transaction: ServerTransaction) -> None:
        source = transaction.source
        self.dialog.refresh_target(transaction.request)
        self.session.accept(transaction.request)
        if source.is_reliable or self.dialog.comes_from(source.host):
            self._move_to(source)
        else:
            self.agent.spawn(self._challenge(source))

    def _move_to(self, source: Peer) -> None:
        """Send our requests, and our sound, to this source from now on. It must have proved that it reads them."""
        self.dialog.source = source
        self.dialog.peer = self.agent.endpoint.peer_for(self.dialog.next_hop, source)

    async def _challenge(self, source: Peer) -> None:
        """Ask a new source whether it is in this call, and move there once it answers.

        The other side may have forged the source. The answer contains the branch of our OPTIONS, so whoever sends it
        reads what we send to that address. Until then, requests and sound go to the old one.
        """
        response = await self.agent.transact(self.dialog.request("OPTIONS"), source)
        if response.status_code not in GONE and not self.has_ended:
            self._move_to(source)

    def _answer_as_before(self, offer: Sdp) -> Sdp | None:
        local = self.sdp.local
        return answer_offer(offer, local.address, local.port) if local else None

    async def reinvite(self, sdp: Sdp) -> Sdp:
        """Offer `sdp` in the running call and return the answer. Tries again after a 491 (14.1). Raises CallFailed."""
        timers = self.agent.endpoint.timers
        for _ in range(ATTEMPTS):
            if not self.is_up:
                raise CallFailed(481)
            try:
                return await self.invite(sdp)
            except CallFailed as failure:
                if failure.code in GONE:
                    self.hangup()
                if failure.code != 491:
                    raise
            await asyncio.sleep(timers.glare_pause(owner=self._invite is None))
        raise CallFailed(491)

    async def invite(
        self, sdp: Sdp, *, forwards: int = MAX_FORWARDS, on_progress: Callable[[int], None] = lambda code: None
    ) -> Sdp:
        """Send an offer and return its answer, through a challenge or a 422 if necessary. Raises CallFailed."""
        authorization: tuple[str, str] | None = None
        for _ in range(ATTEMPTS):
            response = await self._send_invite(sdp, forwards, authorization, on_progress)
            code = response.status_code
            if code < 300:
                return self._take_answer(response)
            if code == 422 and self.session.lengthen(response):
                continue
            authorization = None if authorization else self._authorize(response, "INVITE")
            if authorization is None:
                raise CallFailed(code)
        raise CallFailed(code)

    async def _send_invite(
        self, sdp: Sdp, forwards: int, authorization: tuple[str, str] | None, on_progress: Callable[[int], None]
    ) -> Response:
        if self._invitation or self._unacknowledged:
            raise CallFailed(491)  # 14.1: one at a time
        if self.has_ended:
            raise CallFailed(481)
        request = self.dialog.request("INVITE", forwards=forwards)
        self.session.offer(request)
        if authorization:
            request.set_header(*authorization)
        request.set_header("Content-Type", "application/sdp")
        request.text = self.sdp.write_local(sdp)
        self._invitation = Invitation(
            self.agent.endpoint, self.dialog, request, on_progress, self._handle_final_response
        )
        return await self._invitation.final

    def _handle_final_response(self, response: Response) -> None:
        """Handle the final response as soon as it arrives, so that a BYE right after it finds a live call."""
        self._invitation = None
        if response.status_code >= 300:
            self.sdp.withdraw()
        elif not self.has_ended:
            self.state, self.is_acknowledged = State.UP, True
            self.session.settle(response)
            self._restart_session_timer()
        elif self._owes_bye:
            self._send_bye()

    def _take_answer(self, response: Response) -> Sdp:
        try:
            return self.sdp.read_answer(response)
        except SdpError:
            raise CallFailed(488) from None

    def _authorize(self, response: Response, method: str) -> tuple[str, str] | None:
        return authorize(self.credentials, response, method, self.dialog.target) if self.credentials else None

    def _restart_session_timer(self) -> None:
        if self.is_up:
            self.session.start(refresh=lambda: self.agent.spawn(self._refresh()), expire=self.hangup)

    async def _refresh(self) -> None:
        with suppress(CallFailed):  # GONE has hung up; else the next half time tries again (RFC 4028 section 10)
            if self.sdp.local:
                await self.reinvite(self.sdp.local)
        self._restart_session_timer()

    def hangup(self, code: int = 480) -> None:
        """End the leg in whatever state: BYE, CANCEL, or `code` to an unanswered INVITE."""
        if self.has_ended:
            return
        if self.is_up and self._unacknowledged:
            self._owes_bye = True  # section 15: no BYE from the callee before the ACK
        elif self.is_up:
            self._send_bye()
        elif self._invite:
            self._invite.reply(code)
        elif self._invitation:
            self._invitation.cancel()
            self._owes_bye = True  # in case the answer comes first
        self._end()

    def _send_bye(self) -> None:
        self._owes_bye = False
        endpoint, peer = self.agent.endpoint, self.dialog.peer

        def on_response(response: Response) -> None:
            authorization = self._authorize(response, "BYE")
            if authorization:
                again = self.dialog.request("BYE")
                again.set_header(*authorization)
                endpoint.request(again, peer, lambda response: None)

        endpoint.request(self.dialog.request("BYE"), peer, on_response)

    def _end(self) -> None:
        if self.has_ended:
            return
        self.state = State.ENDED
        self.session.stop()
        self.agent.calls.pop(self.dialog.key, None)
        if self._invite and not self.is_acknowledged:
            self.on_settled()
        self.on_hangup()
        # Let go of the sound and of the number now: transactions keep this object for 64*T1, and the collector is slow.
        self.on_settled = self.on_hangup = lambda: None
        self.on_offer, self.on_answer, self.on_key = lambda sdp: None, lambda sdp: None, lambda key: None
