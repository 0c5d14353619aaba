"""An invented person calls the hotline."""

import asyncio
import hashlib

from amparo.foundation.core.environment import Environment
from amparo.line.switchboard.prompts.library import Library

from .acting import Tell, perform
from .ear import Ear, Repertoire, prompts
from .telephone import Telephone, telephone
from .voices.callers import Caller

# No number of any country begins with 000, and .invalid is no host (RFC 2606): nobody can be at the other end.
PREFIX, HOST = "000", "invented.invalid"


def number_of(who: Caller, nth: int = 0) -> str:
    """The number of an invented person, always the same; `nth` makes others who tell the same story."""
    digits = int(hashlib.sha256(f"{who.id} {nth}".encode()).hexdigest(), 16) % 10**6
    return f"{PREFIX}{digits:06}"


async def call_hotline(environment: Environment, who: Caller, tell: Tell) -> None:
    """Place one call and stay in it to its end; raises CallFailed."""
    known = await asyncio.to_thread(lambda: prompts(Library(environment.home)))  # a while, for who shares the loop
    async with telephone(environment) as phone:
        await phone.plug_in()
        await place(phone, who, number_of(who), known, tell)


async def place(
    phone: Telephone, who: Caller, number: str, known: Repertoire, tell: Tell, *, patience: float | None = None
) -> None:
    line = await phone.dial(phone.environment.sip_address, f"sip:{number}@{HOST}", Ear(known))
    tell("calls")
    await perform(who, line, tell, patience=patience)
