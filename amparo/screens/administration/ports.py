"""What listens to the network on this machine, and should not."""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from amparo.foundation.core.environment import Environment

from .part import AMBER, GREEN, Part

LISTENS = "0A"  # of the states in /proc/net/tcp
POSTGRESQL = 5432
WORD = 8  # hexadecimal digits of 32 bits, in the byte order of this machine


def open_ports(environment: Environment, folder: Path = Path("/proc/net")) -> Part:
    """Whether the pages, past their web server, or a database listen where other machines may reach them.

    `folder` has the files of proc_net(5).
    """
    closed = {POSTGRESQL, urlsplit(environment.database_url or "").port}
    if not environment.demo and all(ip_address(proxy).is_loopback for proxy in environment.proxies):
        closed.add(environment.http_port)
    found = sorted({port for address, port in _listening(folder) if port in closed and not _is_own(address)})
    if not found:
        words = _("Pages and database listen where they should. What a firewall lets through is not known here.")
        return Part("ports", _("Ports"), GREEN, (words,))
    words = _("Other machines may reach port %(ports)s: the pages past their web server, or the database.")
    remedy = _(
        "Let it listen on 127.0.0.1 (AMPARO_WEB_HOST; listen_addresses of PostgreSQL), or close it by a firewall."
    )
    return Part("ports", _("Ports"), AMBER, (words % {"ports": ", ".join(map(str, found))},), remedy)


def _listening(folder: Path) -> list[tuple[IPv4Address | IPv6Address, int]]:
    found = []
    for file in (folder / "tcp", folder / "tcp6"):
        for row in file.read_text().splitlines()[1:] if file.exists() else ():
            _number, local, _remote, state, *_rest = row.split()
            if state == LISTENS:
                address, _colon, port = local.partition(":")
                found.append((_address(address), int(port, 16)))
    return found


def _address(digits: str) -> IPv4Address | IPv6Address:
    words = [digits[at : at + WORD] for at in range(0, len(digits), WORD)]
    return ip_address(b"".join(struct.pack("=I", int(word, 16)) for word in words))


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
