"""What people type to call somebody: a number, or a SIP address."""

import re

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

LONGEST_ADDRESS = 255  # characters
ADDRESS = re.compile(
    r"(?:sip:)?([a-z0-9][a-z0-9._-]{0,63}@(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?)", re.ASCII | re.IGNORECASE
)


def parse_destination(typed: str) -> str:
    """Return a typed number or SIP address in the form that the switchboard dials. Raises `Refused` if neither."""
    return parse_sip_address(typed) if "@" in typed else parse_telephone_number(typed)


def parse_telephone_number(typed: str) -> str:
    """Return the number without spaces and punctuation.

    Raises `Refused` for anything but one number. Of two numbers, it is unclear which is safe.
    """
    found = re.sub(r"[ ().-]", "", typed)
    if not re.fullmatch(r"\+?[0-9]{3,15}", found):
        raise Refused(_("This number cannot be called. Write one number, in digits."))
    return found


def parse_sip_address(typed: str) -> str:
    """Return a SIP address as `name@host`. Raises `Refused` for one with parameters, headers or a password."""
    found = ADDRESS.fullmatch(typed.strip(" ")) if len(typed) <= LONGEST_ADDRESS else None
    if not found:
        raise Refused(_("This address cannot be called. Write it as name@host."))
    name, _at, place = found[1].partition("@")
    return f"{name}@{place.lower()}"
