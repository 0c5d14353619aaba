"""An invented person calls the hotline."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.sip.invitation import CallFailed

from .acting import Tell, perform, until_over
from .ear import Ear, Repertoire, prompts
from .telephone import Line, Telephone, telephone
from .voices.callers import Caller

# No country has numbers that begin with 000, and .invalid is no host (RFC 2606): these addresses can belong to nobody.
PREFIX, HOST = "000", "invented.invalid"


def number_of(who: Caller, nth: int = 0) -> str:
    """The number of an invented person, always the same. `nth` gives other numbers for the same story."""
    return _invented_number(f"{who.id} {nth}")


def _invented_number(of: str) -> str:
    return f"{PREFIX}{int(hashlib.sha256(of.encode()).hexdigest(), 16) % 10**6:06}"


async def call_hotline(environment: Environment, who: Caller, tell: Tell) -> None:
    """Place one call and stay in it to its end. Raises CallFailed."""
    # in a thread, because loading takes a while and would block the loop
    known = await asyncio.to_thread(lambda: prompts(Library(environment.home)))
    async with telephone(environment) as phone:
        await phone.plug_in()
        await place(phone, who, number_of(who), known, tell)


async def call_trainee(
    environment: Environment, who: str, word: str, acts: Callable[[Line], Coroutine[Any, Any, None]]
) -> None:
    """Dial the word of a practice call as this invented person, and act until one side hangs up.

    Raises `Refused` if the call does not get through.
    """
    known = await asyncio.to_thread(lambda: prompts(Library(environment.home)))
    uri = f"sip:{word}@{environment.sip_address.partition('@')[2]}"
    async with telephone(environment) as phone:
        await phone.plug_in()
        try:
            line = await phone.dial(uri, f"sip:{_invented_number(who)}@{HOST}", Ear(known))
        except CallFailed as failure:
            raise Refused(f"SIP {failure.code}") from failure
        await until_over(line, acts(line))


async def place(
    phone: Telephone, who: Caller, number: str, known: Repertoire, tell: Tell, *, patience: float | None = None
) -> None:
    line = await phone.dial(phone.environment.sip_address, f"sip:{number}@{HOST}", Ear(known))
    tell("calls")
    await perform(who, line, tell, patience=patience)
