"""Which requests come in, by https and by the name of the host; all others are refused before a page sees them."""

from typing import Any

from . import addresses
from .environment import UNCERTIFIED, Environment

HEALTH = "/healthz"  # for this machine and its monitor, under any name
ONLY_HTTPS = (
    "Only by https, through the web server of this line. · Solo por https, por el servidor web de esta línea.\n"
)
OTHER_NAME = "This is not the name of this line. · Este no es el nombre de esta línea.\n"


def refusal_of(scope: dict[str, Any], environment: Environment) -> str | None:
    """Return why this request does not come in, in a sentence; None: it may.

    With two names, staff pages and public pages come by https alone: the scheme is that of the connection, which is
    never https, or what a proxy of AMPARO_PROXIES says. A name without a certificate, such as an onion name, is
    excepted. With one name, a hotline is known by its own addresses.
    """
    if scope["path"] == HEALTH:
        return None
    name = _host_name(scope)
    if environment.public_host is None:
        return None if name in _own_names(environment) else OTHER_NAME
    if scope["scheme"] == "https":
        return None
    ours = {each for each in (environment.public_host, environment.staff_host) if each and UNCERTIFIED.fullmatch(each)}
    return None if name in ours else ONLY_HTTPS


async def send_refusal(send: Any, sentence: str) -> None:
    text = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": [*headers, (b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": text})


def _host_name(scope: dict[str, Any]) -> str:
    """The name in the Host header, without its port; blank if there is not exactly one such header."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return ""
    name: str = hosts[0].decode("latin-1").lower()
    host, colon, port = name.rpartition(":")
    return (host if colon and port.isdecimal() and not name.endswith("]") else name).rstrip(".")


def _own_names(environment: Environment) -> set[str]:
    names = {addresses.bracket(host) for host in environment.web_hosts}
    return names | {"localhost"} if addresses.any_loopback(environment.web_hosts) else names
