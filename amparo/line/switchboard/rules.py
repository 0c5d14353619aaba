"""Verbs of a call, as the web asks for them. The switchboard does them, or refuses with a sentence.

`offer` and the returned answer are SDP of the browser that the operator talks by; None is the desk phone.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused, Unreachable

from . import control
from .models import Call


@allowed(permissions.take_calls)
def answer(call: Call, offer: str | None, *, by: User) -> str | None:
    """Take a waiting call; refused when a colleague was quicker or the caller has gone."""
    return _sdp("answer", call, by, offer=offer)


@allowed(permissions.take_calls)
def join(call: Call, offer: str | None, *, by: User) -> tuple[str | None, bool]:
    """Come into a call one was asked into, or come back after the page was loaded anew.

    The SDP answer to `offer`, and whether the operator's voice is mute, as it was before.
    """
    answer = _tell("join", call, by, offer=offer)
    return answer.get("sdp"), answer["muted"]


@allowed(permissions.take_calls)
def pass_on(call: Call, *, by: User) -> None:
    """Let it ring for the next operator."""
    _tell("pass_on", call, by)


@allowed(permissions.take_calls)
def hold(call: Call, *, by: User) -> None:
    """The caller hears music and that you come back."""
    _tell("hold", call, by)


@allowed(permissions.take_calls)
def resume(call: Call, *, by: User) -> None:
    _tell("resume", call, by)


@allowed(permissions.take_calls)
def mute(call: Call, on: bool, *, by: User) -> None:
    """Nobody in the call hears `by`."""
    _tell("mute", call, by, on=on)


@allowed(permissions.take_calls)
def invite(call: Call, colleague: User, *, by: User) -> None:
    """Ask a colleague into the call: a three-way call, and a warm transfer once `by` leaves."""
    _tell("invite", call, by, colleague=colleague.pk)


@allowed(permissions.take_calls)
def leave(call: Call, *, by: User) -> None:
    """Leave the call to the colleagues in it; refused for the last one, who ends it."""
    _tell("leave", call, by)


@allowed(permissions.take_calls)
def end(call: Call, *, by: User) -> None:
    """Hang up for everybody."""
    _tell("end", call, by)


@action(permissions.take_calls)
def mark_danger(call: Call, *, by: User) -> None:
    """There is danger in this call: it sounds at the supervisors, and is written down as done by `by`."""
    _tell("mark_danger", call, by)


@allowed(permissions.take_calls)
def mark_silent(call: Call, *, by: User) -> None:
    """The caller cannot speak: their keys 1 and 2 are shown as yes and no."""
    _tell("mark_silent", call, by)


@allowed(permissions.take_calls)
def call_back(number: str, language: str, offer: str | None, *, by: User) -> tuple[Call, str | None]:
    """Call a safe number, showing the hotline's own. The number goes to the switchboard and nowhere else."""
    answer = control.ask("call_back", number=_digits(number), language=language, user=by.pk, offer=offer)
    return Call(pk=answer["call"]), answer.get("sdp")


def call_from_page(offer: str, language: str, *, network: str | None, work: str | None) -> str:
    """A person calls from the public page: returns the SDP answer. Nobody signs in for this.

    `network` goes to the switchboard and nowhere else, `work` is the name of their proof of work: they decide whose
    turn it is. Raises TooOften.
    """
    answer = control.ask("call_from_page", offer=offer, language=language, network=network, work=work)
    sdp: str = answer["sdp"]
    return sdp


def place_of_chat(network: str | None) -> float:
    """How many seconds behind its arrival a chat from this network stands; none while the switchboard is away.

    `network` goes to the switchboard and nowhere else, as that of a call. Raises TooOften.
    """
    try:
        return float(control.ask("place_of_chat", network=network)["behind"])
    except Unreachable:
        return 0.0


def is_in_surge() -> bool:
    """Whether more call or write than the shift can answer; False while the switchboard is away."""
    try:
        return bool(control.ask("ping")["surge"])
    except Unreachable:
        return False


@allowed(permissions.take_calls)
def desk_phone(*, by: User) -> dict[str, bool | None]:
    """Whether the "signalling" of one's desk phone is encrypted, and the "sound" of its last call.

    None: it is not connected, it had no call yet, or the switchboard is away.
    """
    try:
        return control.ask("desk_phone", username=by.username)
    except Unreachable:
        return {"signalling": None, "sound": None}


def _digits(number: str) -> str:
    """What is dialled, without the signs that people write between digits. Two numbers are none: which is safe?"""
    digits = re.sub(r"[ ().-]", "", number)
    if not re.fullmatch(r"\+?[0-9]{3,15}", digits):
        raise Refused(_("This number cannot be called. Write one number, in digits."))
    return digits


def _sdp(verb: str, call: Call, by: User, **what: Any) -> str | None:
    sdp: str | None = _tell(verb, call, by, **what).get("sdp")
    return sdp


def _tell(verb: str, call: Call, by: User, **what: Any) -> dict[str, Any]:
    return control.ask(verb, call=str(call.pk), user=by.pk, **what)
