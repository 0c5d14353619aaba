"""Settings for where the hotline listens and how others reach it: addresses, names and ports."""

import os
import re
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from .refusal import Misconfigured

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
RTP_PORTS = "20000-21999"  # the default


def own_addresses(text: str) -> tuple[str, ...]:
    if text == "localhost":
        return ("127.0.0.1", "::1") if _has_ipv6_loopback() else ("127.0.0.1",)
    hosts = _addresses(text)
    if hosts is None or any(ip_address(host).is_unspecified for host in hosts):  # nobody could answer to 0.0.0.0
        raise Misconfigured(f"AMPARO_HOST={text} is not an address: write this machine's own, such as 192.0.2.10.")
    return hosts


def host_names() -> tuple[str | None, str | None]:
    public, staff = _host_name("AMPARO_PUBLIC_HOST"), _host_name("AMPARO_STAFF_HOST")
    if (public is None) != (staff is None):
        raise Misconfigured("Set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST together, or neither.")
    if public is not None and public == staff:
        raise Misconfigured("AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST are the same: give each side a name of its own.")
    return public, staff


def port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not _is_port(text):
        raise Misconfigured(f"{name}={text} is not a port: write a number from 1 to 65535.")
    return int(text)


def ports(text: str) -> range:
    low, _, high = text.partition("-")
    if not (low.isdigit() and high.isdigit() and 1024 <= int(low) < int(high) < 65536):
        raise Misconfigured(f"AMPARO_RTP_PORTS={text} is not a range of ports: write it as {RTP_PORTS}.")
    return range(int(low) + int(low) % 2, int(high) + 1, 2)


def some(setting: str) -> tuple[str, ...]:
    """Return the trusted addresses of a setting, such as trunks and proxies, normalised. Raises `Misconfigured`."""
    text = os.environ.get(setting, "")
    found = _addresses(text) if text else ()
    if found is None:
        raise Misconfigured(f"{setting}={text} are not addresses: write them with commas, such as 192.0.2.1,192.0.2.2.")
    return found


def networks(setting: str) -> tuple[IPv4Network | IPv6Network, ...]:
    text = os.environ.get(setting, "")
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise Misconfigured(
            f"{setting}={text} are not networks: write them with commas, such as 10.0.0.0/8."
        ) from error


def trunk(text: str, hosts: tuple[str, ...]) -> tuple[str, int] | None:
    """The trunk's address, of a family that we listen on."""
    return _peer("AMPARO_TRUNK", text, hosts) if text else None


def sip_hosts(hosts: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """Where SIP addresses may be called, by what stands behind their "@", with the port or without: the trunk, and what
    AMPARO_SIP_HOSTS lists.
    """
    found = {}
    for setting in ("AMPARO_TRUNK", "AMPARO_SIP_HOSTS"):
        for text in filter(None, map(str.strip, os.environ.get(setting, "").lower().split(","))):
            found[text] = found[text.rpartition(":")[0]] = _peer(setting, text, hosts)
    return found


def _peer(setting: str, text: str, hosts: tuple[str, ...]) -> tuple[str, int]:
    """A host and its port, of a family that we listen on. A name is resolved once: no call may wait for DNS."""
    host, _, number = text.rpartition(":")
    if host and number.isdigit() and not _is_port(number):  # the system would silently take another port
        raise Misconfigured(f"{setting}={text} has no such port: write one from 1 to 65535, such as 192.0.2.1:5060.")
    families = {":" in host for host in hosts}
    try:
        found = [
            sockaddr[0] for *_, sockaddr in socket.getaddrinfo(host.strip("[]"), int(number), type=socket.SOCK_DGRAM)
        ]
        return next(str(address) for address in found if (":" in str(address)) in families), int(number)
    except (OSError, ValueError, StopIteration) as error:
        raise Misconfigured(f"{setting}={text} is not reachable: write it as 192.0.2.1:5060.") from error


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
