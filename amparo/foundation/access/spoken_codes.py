"""A code that is read aloud: fifteen digits in groups of three, like telephone numbers; the last is a check digit.

A caller gives it again later: it identifies them without naming them (bearers.py).
"""

import secrets

from django.utils.translation import gettext as _
from stdnum import damm

from amparo.foundation.core.refusal import Refused

DIGITS, GROUP = 15, 3  # docs/decisions/0015


def new_code() -> str:
    """Return a new random code: its digits, in groups."""
    digits = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}"
    return group_digits(digits + damm.calc_check_digit(digits))


def group_digits(text: str) -> str:
    """Return a code in groups, as it is read aloud, however it was typed."""
    digits = "".join(filter(str.isdigit, text))
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))


def checked_digits(text: str) -> str:
    """Return the digits of a typed code. Raises `Refused`, with a hint, if the text cannot be a code."""
    digits = "".join(c for c in text if not c.isspace() and c not in "-.,")
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        raise Refused(_("A code has 15 digits, in five groups of three."))
    if not damm.is_valid(digits):
        raise Refused(_("One of the digits is wrong, or two changed places. Compare them with what you wrote down."))
    return digits
