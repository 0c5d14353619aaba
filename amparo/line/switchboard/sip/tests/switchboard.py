"""A small switchboard on the stack under test, for phones to call: a B2BUA without sound.

`ivr` is answered, `ring` rings for ever, anyone else is dialled at their registration or at `routes`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from amparo.line.switchboard.sip import (
    Agent,
    CallFailed,
    Credentials,
    Registrar,
    Sdp,
    SipCall,
    Timers,
    answer_offer,
    ha1,
)

from .texts import T1

SOUND = Sdp("127.0.0.1", 41_000)
SECRETS = {user: ha1(user, "amparo", password) for user, password in (("op1", "secret"), ("op2", "geheim"))}


class Switchboard:
    def __init__(self, t1: float = T1, **terms: int) -> None:
        self.agent = Agent(timers=Timers.scaled(t1), **terms)
        self.agent.on_call = self.on_call
        self.agent.registrar = Registrar("amparo", SECRETS.get)
        self.routes: dict[str, tuple[str, int]] = {}
        self.credentials: Credentials | None = None
        self.holds = 0
        self.seen: list[SipCall] = []
        self.late_answers: list[Sdp] = []
        self.codes: list[int] = []  # of calls that were not put through
        self.operators: list[SipCall] = []
        self.tasks: dict[SipCall, asyncio.Task] = {}

    async def open(self, host: str = "127.0.0.1") -> "Switchboard":
        self.address = (host, await listen(self.agent, host))
        return self

    def on_call(self, call: SipCall) -> None:
        self.seen.append(call)
        task = self.tasks[call] = asyncio.get_running_loop().create_task(self.serve(call))
        call.on_hangup = task.cancel
        call.on_offer = self.on_offer(SOUND)
        call.on_answer = self.late_answers.append
        task.add_done_callback(lambda _: self.tasks.pop(call, None))

    def on_offer(self, ours: Sdp) -> Callable[[Sdp], Sdp | None]:
        def answered(offer: Sdp) -> Sdp:
            self.holds += offer.is_on_hold
            return answer_offer(offer, ours.address, ours.port)

        return answered

    async def serve(self, call: SipCall) -> None:
        user = call.origin.dialled
        operator: SipCall | None = None
        try:
            if user == "ring":
                call.ring()
            elif user == "ivr":
                call.answer(self.answer_to(call))
            else:
                operator = await self.put_through(call, user)
            await asyncio.sleep(3600)
        except CallFailed as failure:
            self.codes.append(failure.code)
            call.hangup(failure.code)
        finally:
            for leg in (call, operator):
                if leg:
                    leg.on_hangup = lambda: None
                    leg.hangup()

    def answer_to(self, call: SipCall) -> Sdp:
        return answer_offer(call.offer, SOUND.address, SOUND.port) if call.offer else SOUND

    async def put_through(self, call: SipCall, user: str) -> SipCall:
        binding = self.agent.registrar.lookup(user)
        if binding:
            uri, peer = binding.uri, binding.peer
        elif user in self.routes:
            host, port = self.routes[user]
            uri, peer = f"sip:{user}@{host}:{port}", self.agent.peer(host, port)
        else:
            raise CallFailed(404)
        operator, _ = await self.agent.dial(
            uri,
            peer,
            replace(SOUND, port=42_000),
            caller="sip:anonymous@anonymous.invalid",
            forwards=call.origin.forwards - 1,
            credentials=self.credentials,
            on_progress=lambda code: call.ring() if code == 180 else None,
            on_hangup=asyncio.current_task().cancel,
        )
        operator.on_offer = self.on_offer(replace(SOUND, port=42_000))
        self.operators.append(operator)
        call.answer(self.answer_to(call))
        return operator

    @property
    def is_idle(self) -> bool:
        return not self.agent.calls and not self.tasks

    @property
    def transactions(self) -> int:
        endpoint = self.agent.endpoint
        tables = (endpoint.clients, endpoint.servers, endpoint.unacknowledged, endpoint.unanswered)
        return sum(len(table) for table in tables)

    def close(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        self.agent.close()


async def listen(agent: Agent, host: str) -> int:
    """Any free port; UDP and TCP share a number, which another process may hold for one of them."""
    for _ in range(20):
        try:
            return await agent.listen(host, 0)
        except OSError:
            continue
    raise AssertionError("no free port")
