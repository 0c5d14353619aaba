"""Turn a caller's number or address into a pseudonym, in the memory of the process that saw it; the original goes no
further.

The key is made at start, lives in memory alone and is overwritten at the end of its window, so that nobody can
recompute yesterday's pseudonyms. A repeated call within the window is recognised; a person is not.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network

DAY = 24 * 3600.0  # seconds
LENGTH = 16  # bytes
KEY_LENGTH = 32  # bytes
WITHHELD = {"", "anonymous", "unknown", "restricted", "unavailable", "private"}
# What one household or one phone gets; a device changes the rest of its IPv6 address by itself (RFC 8981).
NETWORK_BITS = {4: 32, 6: 56}
BLOCK_BITS = {4: 24, 6: 56}  # what one attacker rents: memory and connections are counted by it


class Pseudonyms:
    def __init__(self, window: float = DAY, clock: Callable[[], float] = time.monotonic) -> None:
        self._window, self._clock = window, clock
        self._key = bytearray(KEY_LENGTH)
        self._renew()

    def of(self, identity: str | None) -> bytes | None:
        """Return the pseudonym of a number or address, which is the same within this window; None for None."""
        if identity is None:
            return None
        if self._clock() >= self._until:
            self._renew()
        return hmac.digest(self._key, identity.encode(), hashlib.sha256)[:LENGTH]

    def _renew(self) -> None:
        """Overwrite the key in place, without a copy: nothing of the old key is left in memory."""
        with open("/dev/urandom", "rb", buffering=0) as source:
            if source.readinto(self._key) != KEY_LENGTH:
                raise OSError("The system gave too few random bytes.")
        self._until = self._clock() + self._window


def bare_number(number: str) -> str | None:
    """A telephone number without the signs between its digits; None if the caller withheld it."""
    digits = "".join(c for c in number if c.isdigit()) or number.casefold().strip()
    return None if digits in WITHHELD else digits


def network_of(address: str, bits: Mapping[int, int] = NETWORK_BITS) -> str | None:
    """Return the network of an IP address. `bits`: the length of its prefix, by IP version.

    None for loopback, because then a proxy did not say whom it forwards, and for any other text.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return None if ip.is_loopback else str(ip_network(f"{ip}/{bits[ip.version]}", strict=False))
