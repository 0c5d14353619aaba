"""The numbers and the limits of the line, and where each is set. The page shows them, and changes nothing."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.line.switchboard.rules import Status

from .environment_settings import Setting, all_settings

OF_NUMBERS = (
    "AMPARO_LINE_NUMBER", "AMPARO_POLICE_NUMBER", "AMPARO_TRUNKS", "AMPARO_TRUNK", "AMPARO_TRUNK_USER",
    "AMPARO_LISTENING",
)  # fmt: skip


@dataclass(frozen=True)
class Limit:
    about: str
    value: str


def numbers() -> list[Setting]:
    """The settings of the environment that decide by which numbers the line is reached."""
    return [it for it in all_settings() if it.name in OF_NUMBERS]


def limits(switchboard: Status) -> list[Limit]:
    """The limits of a call, as the running switchboard reported them."""
    of = switchboard.limits
    return [
        Limit(_("A call rings for one person before it rings for the next"), _seconds(of["ring"])),
        Limit(_("A caller waits before we offer to call back"), _seconds(of["offer_after"])),
        Limit(_("Time between two such offers"), _seconds(of["offer_again"])),
        Limit(_("Longest message that a caller can leave"), _seconds(of["longest_message"])),
        Limit(_("Time to press a key after the words"), _seconds(of["think"])),
        Limit(_("Ports for sound; a call needs one for each person in it"), str(switchboard.ports)),
    ]


def _seconds(number: float) -> str:
    return ngettext("%(n)s second", "%(n)s seconds", round(number)) % {"n": round(number)}
