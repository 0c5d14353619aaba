"""An invented person calls the hotline."""

import asyncio
import hashlib

from amparo.foundation.core.environment import Environment
from amparo.line.switchboard.prompts.library import Library

from .acting import Tell, perform
from .ear import Ear, Repertoire, prompts
from .telephone import Telephone, telephone
from .voices.callers import Caller

# No country has numbers that begin with 000, and .invalid is no host (RFC 2606): these addresses can belong to nobody.
PREFIX, HOST = "000", "invented.invalid"


def number_of(who: Caller, nth: int = 0) -> str:
    """The number of an invented person, always the same. `nth` gives other numbers for the same story."""
    digits = int(hashlib.sha256(f"{who.id} {nth}".encode()).hexdigest(), 16) % 10**6
    return f"{PREFIX}{digits:06}"


async def call_hotline(environment: Environment, who: Caller, tell: Tell) -> None:
    """Place one call and stay in it to its end. Raises CallFailed."""
    # in a thread, because loading takes a while and would block the loop
    known = await asyncio.to_thread(lambda: prompts(Library(environment.home)))
    async with telephone(environment) as phone:
        await phone.plug_in()
        await place(phone, who, number_of(who), known, tell)


async def place(
    phone: Telephone, who: Caller, number: str, known: Repertoire, tell: Tell, *, patience: float | None = None
) -> None:
    line = await phone.dial(phone.environment.sip_address, f"sip:{number}@{HOST}", Ear(known))
    tell("calls")
    await perform(who, line, tell, patience=patience)
