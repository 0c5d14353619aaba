"""An invented person calls the hotline."""

import asyncio
import hashlib

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.sip.invitation import CallFailed

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


async def call_trainee(environment: Environment, who: Caller, word: str, patience: float) -> bool:
    """Dial the word of a practice call, and play the script. Returns whether the person came to its end.

    Raises `Refused` if the call does not get through.
    """
    transcript = list[str]()
    known = await asyncio.to_thread(lambda: prompts(Library(environment.home)))
    uri = f"sip:{word}@{environment.sip_address.partition('@')[2]}"
    async with telephone(environment) as phone:
        await phone.plug_in()
        try:
            line = await phone.dial(uri, f"sip:{number_of(who)}@{HOST}", Ear(known))
        except CallFailed as failure:
            raise Refused(f"SIP {failure.code}") from failure
        await perform(who, line, transcript.append, patience=patience)
    *_others, last = (step.recording.text for step in who.steps if step.recording)
    return f"says: {last}" in transcript


async def place(
    phone: Telephone, who: Caller, number: str, known: Repertoire, tell: Tell, *, patience: float | None = None
) -> None:
    line = await phone.dial(phone.environment.sip_address, f"sip:{number}@{HOST}", Ear(known))
    tell("calls")
    await perform(who, line, tell, patience=patience)
