"""An invented person calls the hotline."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard.recordings import load_library
from amparo.line.switchboard.sip.invitation import CallFailed

from .acting import Tell, act_until_over, perform_script
from .ear import Ear, Repertoire, prompt_repertoire
from .telephone import Line, Telephone, open_telephone
from .voices.callers import Caller

# No country has numbers that begin with 000, and .invalid is no host (RFC 2606): these addresses can belong to nobody.
PREFIX, HOST = "000", "invented.invalid"


def number_of_caller(who: Caller, nth: int = 0) -> str:
    """Return the telephone number of an invented person, always the same. Each `nth` gives another number."""
    return _invented_number(f"{who.id} {nth}")


def _invented_number(of: str) -> str:
    return f"{PREFIX}{int(hashlib.sha256(of.encode()).hexdigest(), 16) % 10**6:06}"


async def call_hotline(environment: Environment, who: Caller, tell: Tell) -> None:
    """Call the hotline as `who`, act their script, and return when the call is over. Raises CallFailed."""
    # in a thread, because loading takes a while and would block the loop
    known = await asyncio.to_thread(_known_prompts, environment)
    async with open_telephone(environment) as phone:
        await phone.plug_in()
        await place_invented_call(phone, who, number_of_caller(who), known, tell)


async def call_trainee(
    environment: Environment, who: str, word: str, acts: Callable[[Line], Coroutine[Any, Any, None]]
) -> None:
    """Call a trainee for practice as the invented person `who`, and run `acts` until it ends or the trainee hangs up.

    `word` is the user part of the SIP address that belongs to this practice call. Raises `Refused` if the call does not
    get through.
    """
    known = await asyncio.to_thread(_known_prompts, environment)
    uri = f"sip:{word}@{environment.sip_address.partition('@')[2]}"
    async with open_telephone(environment) as phone:
        await phone.plug_in()
        try:
            line = await phone.dial(uri, f"sip:{_invented_number(who)}@{HOST}", Ear(known))
        except CallFailed as failure:
            raise Refused(f"SIP {failure.code}") from failure
        await act_until_over(line, acts(line))


def _known_prompts(environment: Environment) -> Repertoire:
    return prompt_repertoire(load_library(environment.home))


async def place_invented_call(
    phone: Telephone, who: Caller, number: str, known: Repertoire, tell: Tell, *, patience: float | None = None
) -> None:
    """Call the hotline as the invented person `who` from this telephone, and act their script. Raises CallFailed."""
    line = await phone.dial(phone.environment.sip_address, f"sip:{number}@{HOST}", Ear(known))
    tell("calls")
    await perform_script(who, line, tell, patience=patience)
