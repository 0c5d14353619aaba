"""Amparo's SIP user agent (RFC 3261) on asyncio; knows nothing of media, menus or the database.

`Agent` takes and places calls, `SipCall` is one leg, `Sdp` describes its audio; `Registrar` knows the operators' phones
and `Registration` registers us at a trunk. Nothing here logs or raises a number, an address or a message.
"""

from .agent import Agent
from .call import SipCall
from .dialog import Origin
from .digest import Credentials, ha1
from .flow import Peer
from .invitation import CallFailed
from .registrar import Binding, Registrar
from .registration import Registration
from .sdp import Direction, Sdp, SdpError, answer_offer
from .transaction import Timers

__all__ = [
    "Agent",
    "Binding",
    "CallFailed",
    "Credentials",
    "Direction",
    "Origin",
    "Peer",
    "Registrar",
    "Registration",
    "Sdp",
    "SdpError",
    "SipCall",
    "Timers",
    "answer_offer",
    "ha1",
]
