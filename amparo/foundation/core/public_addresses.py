"""Whether a host is in a network that only we can reach, and connections that go nowhere of that kind.

A name is resolved once, and the connection goes to the address that was checked: a name that changes its address gains
nothing.
"""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, ip_address, ip_network
from urllib.parse import SplitResult

from django.conf import settings

HTTPS = 443
EMBED_IPV4 = [
    ip_network(network) for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96")
]  # RFC 4291 2.5.5, RFC 6052 2.1
SITE_LOCAL = ip_network("fec0::/10")  # RFC 3879: deprecated, and yet some networks use it
MOST_ADDRESSES = 2  # addresses of a name, such as one for each version of IP


class PrivateAddress(Exception):
    """The address is in a private network."""


def connect_to_public_address(parts: SplitResult, patience: float) -> socket.socket:
    """Resolve the host, and connect to its first address that answers, within `patience` seconds in all.

    Raises `PrivateAddress` if any of its addresses is in a private network, and `OSError` if nobody answers.
    """
    port = parts.port or HTTPS
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(sockaddr[0]) for *_, sockaddr in found[:MOST_ADDRESSES]]
    if any(is_in_private_network(address) for address in addresses):
        raise PrivateAddress
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=patience / len(addresses))
    return socket.create_connection((addresses[-1], port), timeout=patience / len(addresses))


def is_guarded() -> bool:
    """Whether private networks are out of reach: in a real hotline, unless AMPARO_HOOKS_INSIDE is 1."""
    return not (settings.ENVIRONMENT.demo or settings.ENVIRONMENT.hooks_inside)


def is_in_private_network(host: str) -> bool:
    """True if a host is an address in a private network. False for a name, and wherever that is allowed."""
    if not is_guarded():
        return False
    try:
        ip = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if any(ip in network for network in EMBED_IPV4):
        ip = IPv4Address(ip.packed[-4:])
    return not ip.is_global or ip.is_multicast or ip in SITE_LOCAL
