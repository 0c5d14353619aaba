"""A telephone network of invented people: every number is answered after two rings, and text messages are carried."""

import asyncio
import hashlib
import socket
from dataclasses import replace

from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Misconfigured
from amparo.line.practice_phone.acting import perform_script
from amparo.line.practice_phone.ear import Ear, Repertoire, prompt_repertoire
from amparo.line.practice_phone.telephone import Telephone, open_telephone
from amparo.line.practice_phone.voices.callers import ATTENDED, Caller, Step, callers
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.sip.call import SipCall
from amparo.line.switchboard.sip.invitation import CallFailed

from . import text_messages

TWO_RINGS = 6.0  # seconds: one second of tone, four of silence, twice (ITU-T E.180)


def run_network(environment: Environment) -> None:
    """Answer all calls to AMPARO_TRUNK, and carry text messages, until stopped. Raises `Misconfigured`."""
    if not environment.demo or environment.trunk is None:
        raise Misconfigured(
            "The invented network needs the demonstration (AMPARO_DEMO=1) and AMPARO_TRUNK=host:port to listen on."
        )
    asyncio.run(_answer_everybody(environment, environment.trunk[1]))


def free_address(environment: Environment) -> str:
    """Return an address with a free port, on which the network can listen: "host:port"."""
    host = environment.hosts[0]
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def person_at_number(number: str) -> Caller:
    """Return the invented person who answers at this number, always the same one, with what they say when called.

    Their script begins with the first step after somebody has answered.
    """
    people = [
        who for who in callers().values() if who.language == "es-PE" and any(s.recording for s in spoken_steps(who))
    ]
    who = people[int(hashlib.sha256(number.encode()).hexdigest(), 16) % len(people)]
    return replace(who, steps=spoken_steps(who))


def spoken_steps(who: Caller) -> tuple[Step, ...]:
    """Return the steps of a caller's script from the moment when a person answers."""
    cues = [step.cue for step in who.steps]
    return who.steps[cues.index(ATTENDED) :] if ATTENDED in cues else ()


async def _answer_everybody(environment: Environment, port: int) -> None:
    known = prompt_repertoire(Library(environment.home))
    async with open_telephone(environment) as phone:
        await phone.plug_in(lambda sip_call: phone.agent.spawn(_answer_call(phone, sip_call, known)), port)
        await text_messages.serve_text_messages()


async def _answer_call(phone: Telephone, sip_call: SipCall, known: Repertoire) -> None:
    sip_call.ring()
    await asyncio.sleep(TWO_RINGS)
    try:
        line = await phone.answer(sip_call, Ear(known))
    except CallFailed:
        return  # the operator did not wait
    await perform_script(
        person_at_number(sip_call.origin.dialled if sip_call.origin else ""), line, tell=lambda what: None
    )
