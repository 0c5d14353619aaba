"""The settings of text messages, read from the environment. Without AMPARO_SMS the line has none."""

import base64
import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from amparo.foundation.core.process_environment import is_withheld
from amparo.foundation.core.refusal import Misconfigured

from .. import https

DEFAULT_PORT = 2775
INSIDE = [
    ip_network(each)
    for each in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "::1")
]


SMPP, GATEWAY = "a carrier's message centre", "a gateway"
BELONGS_TO = {
    "AMPARO_SMS_NUMBER": SMPP, "AMPARO_SMS_USER": SMPP, "AMPARO_SMS_PASSWORD": SMPP, "AMPARO_SMS_SECRET": GATEWAY,
}  # fmt: skip
PREFIX = "whsec_"  # of a secret, as Standard Webhooks writes it


@dataclass(frozen=True)
class SmppSettings:
    host: str
    port: int
    number: str  # the line's own
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class GatewaySettings:
    address: SplitResult  # takes our messages
    key: bytes = field(repr=False)  # signs what each of us posts to the other


def read_settings() -> SmppSettings | GatewaySettings | None:
    """Return the settings, or None if this line has no text messages.

    Raises `Misconfigured` with one sentence that names the setting to change.
    """
    address = os.environ.get("AMPARO_SMS", "")
    others = [name for name in BELONGS_TO if os.environ.get(name)]
    if not address:
        if others:
            raise Misconfigured(
                f"{others[0]} is set without AMPARO_SMS: write the address of {BELONGS_TO[others[0]]} there."
            )
        return None
    used = GATEWAY if address.startswith(("https:", "http:")) else SMPP
    for name in others:
        if BELONGS_TO[name] != used:
            raise Misconfigured(
                f"{name} is of {BELONGS_TO[name]}, but AMPARO_SMS is the address of {used}: a line uses one of them, "
                "never both."
            )
    return _read_gateway(address) if used == GATEWAY else _read_smpp(address)


def _read_gateway(address: str) -> GatewaySettings:
    url = https.read_address("AMPARO_SMS", address, "https://gateway.example/messages")
    secret = os.environ.get("AMPARO_SMS_SECRET", "")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    is_key = secret.startswith(PREFIX) and 24 <= len(key) <= 64
    if not is_key and not is_withheld("AMPARO_SMS_SECRET"):
        raise Misconfigured(
            f"AMPARO_SMS_SECRET is not {PREFIX} and 24 to 64 bytes in base64: make one with "
            f"`echo {PREFIX}$(openssl rand -base64 32)`, and give it to the gateway."
        )
    return GatewaySettings(url, key)


def _read_smpp(address: str) -> SmppSettings:
    host, port = _read_server(address)
    number = os.environ.get("AMPARO_SMS_NUMBER", "")
    if not re.fullmatch(r"\+?[0-9]{3,15}", number):
        raise Misconfigured("AMPARO_SMS_NUMBER is not a number: write the line's own, such as 1818 or +51987654321.")
    user, password = os.environ.get("AMPARO_SMS_USER", ""), os.environ.get("AMPARO_SMS_PASSWORD", "")
    if not 0 < len(user) <= 15:
        raise Misconfigured("AMPARO_SMS_USER has no name of 1 to 15 characters: write the system_id of the carrier.")
    if not 0 < len(password) <= 8 and not is_withheld("AMPARO_SMS_PASSWORD"):
        raise Misconfigured("AMPARO_SMS_PASSWORD has not 1 to 8 characters, as SMPP 3.4 wants: ask the carrier.")
    return SmppSettings(host, port, number, user, password)


def _read_server(text: str) -> tuple[str, int]:
    """Read the address of the SMPP server. Only this machine or a private network: SMPP 3.4 has no encryption."""
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port or DEFAULT_PORT
        is_inside = host == "localhost" or any(ip_address(host) in network for network in INSIDE)
    except ValueError:
        raise Misconfigured("AMPARO_SMS is not a literal address: write it as smpp://10.0.0.5:2775.") from None
    if url.scheme != "smpp" or url.path.strip("/") or url.username or url.query:
        raise Misconfigured(
            "AMPARO_SMS is not the address of a carrier (smpp://10.0.0.5:2775) or of a gateway "
            "(https://gateway.example/messages)."
        )
    if not is_inside:
        raise Misconfigured(
            "AMPARO_SMS would send words and numbers in clear: reach the carrier through a VPN or a tunnel with TLS, "
            "and write its private address."
        )
    return host, port
