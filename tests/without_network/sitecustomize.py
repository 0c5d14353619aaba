"""For a machine that lets nobody leave the network: every Python process with this folder on its path stays at home."""

import errno
import ipaddress
import sys

HOME = ("localhost", "", None)


def _refuse_strangers(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_here(host):
        raise OSError(errno.ENETUNREACH, "away from the network")


def _is_here(host: str | None) -> bool:
    try:
        return host in HOME or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(_refuse_strangers)
