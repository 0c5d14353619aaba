"""Which addresses may be told: https, by a name or number that is no machine of an inner network.

Else an administrator elsewhere could make us ask machines that only we can reach. A name is looked up once, and the
connection goes to what was found and looked at: a name that stands for another the second time gains nothing.
"""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .models import LONGEST_ADDRESS

HTTPS = 443
HOLD_IPV4 = [ip_network(it) for it in ("::/96", "::ffff:0:0/96", "64:ff9b::/96")]  # RFC 4291 2.5.5, RFC 6052 2.1
SITE_LOCAL = ip_network("fec0::/10")  # RFC 3879: no more, and yet some networks have it
MOST_PLACES = 2  # of a name, such as one for each version of IP


class Private(Exception):
    """The address is of an inner network."""


def refuse_unfit(address: str) -> None:
    """As it is typed; what its name stands for is looked at when it is told."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme == "https" and parts.hostname and (parts.port or HTTPS) > 0
    except ValueError:
        raise Refused(_("That is no address: write it as https://programs.example.org/news.")) from None
    if not fits or not address.isascii() or not address.isprintable() or " " in address:
        raise Refused(_("That is no address: write it as https://programs.example.org/news."))
    if len(address) > LONGEST_ADDRESS or parts.username is not None or parts.fragment:
        raise Refused(_("Write a shorter address, without a name or password in it."))
    if _is_inside(str(parts.hostname)):
        raise Refused(_("That address is within a private network, and nobody there is told from here."))


def connected(parts: SplitResult, patience: float) -> socket.socket:
    """The first place that answers. Raises `Private`, or `OSError` where the name is not known or nobody answers."""
    port = parts.port or HTTPS
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    places = [str(where[0]) for *_, where in found[:MOST_PLACES]]
    if any(_is_inside(place) for place in places):
        raise Private
    for place in places[:-1]:
        with suppress(OSError):
            return socket.create_connection((place, port), timeout=patience / len(places))
    return socket.create_connection((places[-1], port), timeout=patience / len(places))


def _is_inside(place: str) -> bool:
    """False for a name: what it stands for is another question."""
    if settings.ENVIRONMENT.demo or settings.ENVIRONMENT.hooks_inside:
        return False
    try:
        ip = ip_address(place.partition("%")[0])
    except ValueError:
        return False
    if any(ip in network for network in HOLD_IPV4):
        ip = IPv4Address(ip.packed[-4:])
    return not ip.is_global or ip.is_multicast or ip in SITE_LOCAL
