"""A telephone that speaks SIP as text and obeys RFC 3261: it repeats, acknowledges, and answers copies from memory.

It shares no code with the stack, so that both cannot be wrong in the same way.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from .relay import Relay
from .texts import (
    T1,
    branch,
    direction,
    message,
    method,
    new_branch,
    routes,
    sdp,
    seq,
    status,
    tag,
    uri,
    value,
    values,
)

RING_SECONDS = 30.0  # a phone's user gives up
REASON = {180: "Ringing", 200: "OK", 405: "Method Not Allowed", 481: "No Such Call", 487: "Request Terminated"}


@dataclass
class PhoneCall:
    call_id: str = field(default_factory=lambda: secrets.token_hex(8))
    local: str = ""
    remote: str = ""
    target: str = ""
    routes: list[str] = field(default_factory=list)
    seq: int = 0
    state: str = "new"  # ringing, up, cancelled, ended
    invite: str = ""  # the INVITE that set it up, sent or received
    final: str | None = None  # the final response to our INVITE
    ack: str = ""
    ack_seq: int = 0
    rang: bool = False
    is_acked: bool = False
    byes: int = 0
    offers: int = 0  # INVITEs received within the call
    repeating: asyncio.Task | None = None

    @property
    def code(self) -> int:
        return status(self.final)

    @property
    def direction(self) -> str:
        return direction(self.final or "")


class Phone(asyncio.DatagramProtocol):
    """Behind its own relay, whose far address is the one it gives out."""

    def __init__(self) -> None:
        self.relay = Relay()
        self.calls: dict[str, PhoneCall] = {}
        self.arrived: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self.log: list[str] = []  # what was received
        self.answers_by_itself, self.acknowledges, self.reinvite_code = True, True, 200
        self.ring_seconds = 0.02
        self.serves: dict[str, Callable[[str], str]] = {}  # by method: answers to requests outside calls
        self._waiting: dict[tuple[str, str], asyncio.Queue[str]] = {}
        self._answered: dict[tuple[str, str], str] = {}
        self._tasks: set[asyncio.Task] = set()

    async def open(self, switchboard: tuple, host: str = "127.0.0.1") -> "Phone":
        await self.relay.open(host)
        self.relay.switchboard = switchboard
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self.relay.phone = self.transport.get_extra_info("sockname")[:2]
        self.host = f"[{host}]" if ":" in host else host
        return self

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.transport.close()
        self.relay.close()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.relay.far_address[1]}"

    def send(self, text: str) -> None:
        self.transport.sendto(text.encode(), self.relay.near_address)

    # -- writing

    def new_call(self, user: str = "ivr", caller: str = "phone") -> PhoneCall:
        at = f"{self.host}:{self.relay.switchboard[1]}"
        call = PhoneCall(local=f"<sip:{caller}@{self.host}>;tag={secrets.token_hex(4)}", remote=f"<sip:{user}@{at}>")
        call.target = f"sip:{user}@{at}"
        self.calls[call.call_id] = call
        return call

    def request(
        self, name: str, call: PhoneCall, number: int, body: str = "", extra: str = "", in_branch: str = ""
    ) -> str:
        headers = [("Via", f"SIP/2.0/UDP {self.address};branch={in_branch or new_branch()};rport")]
        headers += [("Route", route) for route in call.routes]
        headers += [("From", call.local), ("To", call.remote), ("Call-ID", call.call_id), ("CSeq", f"{number} {name}")]
        headers += [("Contact", f"<sip:phone@{self.address}>"), ("Supported", "timer")]
        headers += [tuple(line.split(": ", 1)) for line in extra.splitlines()]
        if "Max-Forwards" not in extra:
            headers.append(("Max-Forwards", "70"))
        return message(f"{name} {call.target} SIP/2.0", headers, body)

    def response(self, request: str, code: int, call: PhoneCall, body: str = "", extra: str = "") -> str:
        to = value(request, "To")
        headers = [("Via", via) for via in values(request, "Via")]
        headers += [("Record-Route", route) for route in values(request, "Record-Route")]
        headers += [(name, value(request, name)) for name in ("From", "Call-ID", "CSeq")]
        headers += [("To", to if tag(to) else f"{to};tag={tag(call.local) or 'x'}")]
        headers += [("Contact", f"<sip:phone@{self.address}>")]
        headers += [tuple(line.split(": ", 1)) for line in extra.splitlines()]
        return message(f"SIP/2.0 {code} {REASON.get(code, 'Refused')}", headers, body)

    async def transact(self, request: str, on_provisional: Callable[[str], None] = lambda text: None) -> str | None:
        """Send with repeats (17.1) until a final response; None after 64*T1."""
        name, clock = method(request), asyncio.get_running_loop().time
        queue = self._waiting[branch(request), name] = asyncio.Queue()
        pause, end, proceeding = T1, clock() + 64 * T1, False
        self.send(request)
        while clock() < end or (proceeding and name == "INVITE" and clock() < end + RING_SECONDS):
            try:
                answer = await asyncio.wait_for(queue.get(), pause)
            except TimeoutError:
                if not (proceeding and name == "INVITE"):
                    self.send(request)
                    pause = pause * 2 if name == "INVITE" else min(pause * 2, 8 * T1)
                continue
            if status(answer) >= 200:
                return answer
            proceeding = True
            on_provisional(answer)
        return None

    # -- calling

    async def invite(self, call: PhoneCall, body: str | None = None, extra: str = "") -> PhoneCall:
        call.seq += 1
        call.invite = self.request("INVITE", call, call.seq, sdp() if body is None else body, extra)

        def provisional(text: str) -> None:
            call.rang = call.rang or status(text) == 180

        self.take_final(call, await self.transact(call.invite, provisional))
        return call

    async def dial(self, user: str = "ivr", **how: str) -> PhoneCall:
        return await self.invite(self.new_call(user), **how)

    def take_final(self, call: PhoneCall, response: str | None) -> None:
        call.final = response
        if response and call.code < 300:
            call.remote, call.target = value(response, "To"), uri(value(response, "Contact"))
            call.routes, call.state = routes(response)[::-1], "up"
            self._acknowledge(call, "" if "m=audio" in call.invite else sdp())

    def _acknowledge(self, call: PhoneCall, body: str = "") -> None:
        call.ack, call.ack_seq = self.request("ACK", call, call.seq, body), call.seq
        if self.acknowledges:
            self.send(call.ack)

    async def reinvite(self, call: PhoneCall, body: str | None = None) -> str | None:
        """Offer anew; "" offers nothing and answers in the ACK."""
        call.seq += 1
        offer = sdp("sendonly", version=call.seq) if body is None else body
        response = await self.transact(self.request("INVITE", call, call.seq, offer))
        if response and status(response) < 300:
            call.final = response
            self._acknowledge(call, "" if offer else sdp(version=call.seq))
        return response

    async def bye(self, call: PhoneCall) -> int:
        call.seq += 1
        call.state = "ended"
        return status(await self.transact(self.request("BYE", call, call.seq)))

    async def cancel(self, call: PhoneCall) -> int:
        return status(await self.transact(self.request("CANCEL", call, call.seq, in_branch=branch(call.invite))))

    async def ask(self, name: str, call: PhoneCall, number: int, extra: str = "") -> str | None:
        return await self.transact(self.request(name, call, number, extra=extra))

    # -- receiving

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        text = data.decode("latin1")
        self.log.append(text)
        call = self.calls.get(value(text, "Call-ID"))
        if text.startswith("SIP/"):
            self._receive_response(text, call)
        elif method(text) == "ACK":
            if call and call.repeating:
                call.repeating.cancel()
                call.is_acked = True
        elif (key := (branch(text), method(text))) in self._answered:
            if self._answered[key]:
                self.send(self._answered[key])
        else:
            self._answered[key] = ""
            self._receive_request(text, call)

    def _receive_response(self, text: str, call: PhoneCall | None) -> None:
        if method(text) == "INVITE" and call and status(text) >= 300:
            self._acknowledge_error(text, call)
        elif method(text) == "INVITE" and call and status(text) >= 200 and call.ack and call.ack_seq == seq(text):
            if self.acknowledges:
                self.send(call.ack)  # our ACK was lost
            return
        if queue := self._waiting.get((branch(text), method(text))):
            queue.put_nowait(text)

    def _acknowledge_error(self, text: str, call: PhoneCall) -> None:
        ack = self.request("ACK", call, seq(text), in_branch=branch(text))
        self.send(ack.replace(f"To: {call.remote}", f"To: {value(text, 'To')}"))

    def _receive_request(self, text: str, call: PhoneCall | None) -> None:
        name = method(text)
        if name == "INVITE" and not tag(value(text, "To")):
            self._ring(text)
        elif name in self.serves:
            self._reply(text, self.serves[name](text))
        elif call is None:
            self._reply(text, self.response(text, 481, PhoneCall()))
        elif name == "INVITE":
            call.offers += 1
            good = self.reinvite_code == 200
            self._finish(call, text, self.response(text, self.reinvite_code, call, sdp() if good else ""))
        elif name == "BYE":
            self._reply(text, self.response(text, 200, call))
            call.state, call.byes = "ended", call.byes + 1
        elif name == "CANCEL":
            self._reply(text, self.response(text, 200, call))
            if call.state == "ringing":
                call.state = "cancelled"
                self._finish(call, call.invite, self.response(call.invite, 487, call))
        else:
            self._reply(text, self.response(text, 405, call))

    def _reply(self, request: str, response: str) -> None:
        self._answered[branch(request), method(request)] = response
        self.send(response)

    def _ring(self, text: str) -> None:
        call = PhoneCall(value(text, "Call-ID"), f"{value(text, 'To')};tag={secrets.token_hex(4)}", value(text, "From"))
        call.target, call.routes, call.invite = uri(value(text, "Contact")), routes(text), text
        call.seq, call.state = 100, "ringing"
        self.calls[call.call_id] = call
        self.arrived.put_nowait(call)
        self._reply(text, self.response(text, 180, call))
        if self.answers_by_itself:
            asyncio.get_running_loop().call_later(self.ring_seconds, self.take, call)

    def take(self, call: PhoneCall) -> None:
        """Lift the receiver."""
        if call.state == "ringing":
            call.state = "up"
            self._finish(call, call.invite, self.response(call.invite, 200, call, sdp()))

    def refuse(self, call: PhoneCall, code: int, extra: str = "") -> None:
        call.state = "ended"
        self._finish(call, call.invite, self.response(call.invite, code, call, extra=extra))

    def _finish(self, call: PhoneCall, request: str, response: str) -> None:
        """A final response to an INVITE: repeated until the ACK (17.2.1, 13.3.1.4)."""
        self._answered[branch(request), "INVITE"] = response
        call.repeating = asyncio.get_running_loop().create_task(self._repeat(response))
        self._tasks.add(call.repeating)

    async def _repeat(self, response: str) -> None:
        pause, total = T1, 0.0
        self.send(response)
        while total < 64 * T1:
            await asyncio.sleep(pause)
            self.send(response)
            total, pause = total + pause, min(2 * pause, 8 * T1)
