"""A key that a telephone sends as text, in an INFO, instead of in its sound (RFC 4733).

There is no RFC for it; telephones and gateways agree on two bodies. `application/dtmf-relay` has a line `Signal=9` and
another with the duration; `application/dtmf` has the key alone. A key is its sign, or the number of its RFC 4733 event.
"""

import re

from .message import Request

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
ACCEPTED = f"{RELAY}, {PLAIN}"
KEYS = "0123456789*#ABCD"  # in the order of RFC 4733 events 0-15
SIGNAL = re.compile(r"^[ \t]*signal[ \t]*=(.*)$", re.IGNORECASE | re.MULTILINE)


def is_key_press(request: Request) -> bool:
    """Whether the body is one of the two that mean a key."""
    return _type_of(request) in (RELAY, PLAIN)


def key_of(request: Request) -> str | None:
    """Return the key of an INFO with such a body, or None if it is no key of a telephone, as a flash is."""
    text = request.text
    if _type_of(request) == RELAY:
        signal = SIGNAL.search(text)
        text = signal[1] if signal else ""
    sign = text.strip().upper()
    if len(sign) == 1 and sign in KEYS:
        return sign
    return dict(zip(("10", "11", "12", "13", "14", "15"), KEYS[10:], strict=True)).get(sign)


def _type_of(request: Request) -> str:
    return (request.content_type or "").partition(";")[0].strip().lower()
