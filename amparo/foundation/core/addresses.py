"""Settings for where the hotline listens and how others reach it: addresses, names and ports."""

import os
import re
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from .refusal import Misconfigured

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
RTP_PORTS = "20000-21999"  # the default


def own_addresses(setting: str, text: str) -> tuple[str, ...]:
    """Return the addresses to listen on, from AMPARO_HOST or AMPARO_WEB_HOST. "localhost": loopback, also in IPv6 if it
    works.

    Raises `Misconfigured`, also for an address such as 0.0.0.0.
    """
    if text == "localhost":
        return ("127.0.0.1", "::1") if _has_ipv6_loopback() else ("127.0.0.1",)
    hosts = _addresses(text)
    if hosts is None or any(ip_address(host).is_unspecified for host in hosts):  # nobody could answer to 0.0.0.0
        raise Misconfigured(f"{setting}={text} is not an address: write this machine's own, such as 192.0.2.10.")
    return hosts


def loopback_of(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of our addresses that only this machine reaches; without any, what "localhost" means."""
    return tuple(host for host in hosts if ip_address(host).is_loopback) or own_addresses("AMPARO_HOST", "localhost")


def host_names() -> tuple[str | None, str | None]:
    """Return the host names of the public pages and of the staff pages; both None: they share a host.

    Raises `Misconfigured` if only one is set, or if they are equal.
    """
    public, staff = _host_name("AMPARO_PUBLIC_HOST"), _host_name("AMPARO_STAFF_HOST")
    if (public is None) != (staff is None):
        raise Misconfigured("Set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST together, or neither.")
    if public is not None and public == staff:
        raise Misconfigured("AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST are the same: give each side a name of its own.")
    return public, staff


def port_setting(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not _is_port(text):
        raise Misconfigured(f"{name}={text} is not a port: write a number from 1 to 65535.")
    return int(text)


def parse_port_range(text: str) -> range:
    """Return the even ports of a range such as `RTP_PORTS`. Raises `Misconfigured`."""
    low, _, high = text.partition("-")
    if not (low.isdigit() and high.isdigit() and 1024 <= int(low) < int(high) < 65536):
        raise Misconfigured(f"AMPARO_RTP_PORTS={text} is not a range of ports: write it as {RTP_PORTS}.")
    return range(int(low) + int(low) % 2, int(high) + 1, 2)


def addresses_setting(setting: str) -> tuple[str, ...]:
    """Return the addresses in a setting, such as trunks and trusted proxies, normalised. Raises `Misconfigured`."""
    text = os.environ.get(setting, "")
    found = _addresses(text) if text else ()
    if found is None:
        raise Misconfigured(f"{setting}={text} are not addresses: write them with commas, such as 192.0.2.1,192.0.2.2.")
    return found


def networks_setting(setting: str) -> tuple[IPv4Network | IPv6Network, ...]:
    text = os.environ.get(setting, "")
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise Misconfigured(
            f"{setting}={text} are not networks: write them with commas, such as 10.0.0.0/8."
        ) from error


def trunk_address(text: str, hosts: tuple[str, ...]) -> tuple[str, int] | None:
    """Parse the setting AMPARO_TRUNK: the trunk's address and port, in an IP version that we listen on. None: unset.

    Raises `Misconfigured` if it cannot be parsed or resolved.
    """
    if not text:
        return None
    if (found := _resolve_host_and_port("AMPARO_TRUNK", text, hosts)) is None:
        raise Misconfigured(f"AMPARO_TRUNK={text} is not reachable: write it as 192.0.2.1:5060.")
    return found


def sip_hosts(
    text: str, hosts: tuple[str, ...], trunk: dict[str, tuple[str, int] | None]
) -> dict[str, tuple[str, int] | None]:
    """Return the hosts that may be called by a SIP address: the trunk, and those that AMPARO_SIP_HOSTS lists.

    A key is what follows the "@" of a SIP address, with or without a port; its value is the IP address and port. None:
    the host has no address now. If one host is listed with two ports, an address without a port means the first.
    """
    found = {}
    for place, at in trunk.items():
        found[place.lower()] = found[place.lower().rpartition(":")[0]] = at
    for place in filter(None, map(str.strip, text.lower().split(","))):
        host = place.rpartition(":")[0]
        if not (HOST_NAME.fullmatch(host) or (host[:1] == "[" and _addresses(host))):
            raise Misconfigured(f"AMPARO_SIP_HOSTS={place} is no host with a port: write it as 192.0.2.1:5060.")
        if place not in found:
            found[place] = at = _resolve_host_and_port("AMPARO_SIP_HOSTS", place, hosts)
            found.setdefault(host, at)
    return found


def _resolve_host_and_port(setting: str, text: str, hosts: tuple[str, ...]) -> tuple[str, int] | None:
    """Resolve "host:port" to an address in an IP version that we listen on, and the port. None: it has none now.

    This happens once, at the start, because no call may wait for DNS. Raises `Misconfigured` for any other text.
    """
    host, _, number = text.rpartition(":")
    if not host or not number.isdigit():
        raise Misconfigured(f"{setting}={text} is no host with a port: write it as 192.0.2.1:5060.")
    if not _is_port(number):  # the system would silently take another port
        raise Misconfigured(f"{setting}={text} has no such port: write one from 1 to 65535, such as 192.0.2.1:5060.")
    families = {":" in host for host in hosts}
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(number), type=socket.SOCK_DGRAM)
    except (OSError, ValueError):
        return None
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    return next(((address, int(number)) for address in addresses if (":" in address) in families), None)


def any_loopback(hosts: tuple[str, ...]) -> bool:
    return any(ip_address(host).is_loopback for host in hosts)


def bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _addresses(text: str) -> tuple[str, ...] | None:
    """Return the addresses of a list with commas, normalised. None if one of them is not a literal IP address."""
    try:
        return tuple(str(ip_address(part.strip().strip("[]"))) for part in text.split(","))
    except ValueError:
        return None


def _host_name(setting: str) -> str | None:
    name = os.environ.get(setting, "").lower()
    if not name:
        return None
    if not HOST_NAME.fullmatch(name):
        raise Misconfigured(f"{setting}={name} is not the name of a host: write it as help.example.org.")
    return name


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536
