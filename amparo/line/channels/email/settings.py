"""The settings of e-mail, read from the environment. Without AMPARO_EMAIL the line has no e-mail."""

import os
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from amparo.foundation.core.process_environment import is_withheld
from amparo.foundation.core.refusal import Misconfigured

IMAP_PORTS = {"imaps": 993, "imap": 143}
SMTP_PORTS = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    by_tls: bool  # TLS from the first byte


@dataclass(frozen=True)
class EmailSettings:
    address: str
    imap: Server
    smtp: Server
    user: str
    password: str = field(repr=False)
    authserv: str = ""  # name of the provider in Authentication-Results; blank: the topmost header counts


def read_settings() -> EmailSettings | None:
    """Return the settings, or None if this line has no e-mail.

    Raises `Misconfigured` with one sentence that names the setting to change.
    """
    address = os.environ.get("AMPARO_EMAIL", "")
    others = [name for name in ("AMPARO_EMAIL_IMAP", "AMPARO_EMAIL_SMTP", "AMPARO_EMAIL_USER") if os.environ.get(name)]
    if not address and others:
        raise Misconfigured(f"{others[0]} is set without AMPARO_EMAIL: write the line's e-mail address there.")
    if not address:
        return None
    if parseaddr(address)[1] != address or address.count("@") != 1 or not all(address.split("@")):
        raise Misconfigured(f"AMPARO_EMAIL={address} is not an e-mail address: write it as ayuda@example.org.")
    password = os.environ.get("AMPARO_EMAIL_PASSWORD", "")
    if not password and not is_withheld("AMPARO_EMAIL_PASSWORD"):
        raise Misconfigured("AMPARO_EMAIL_PASSWORD is empty: write the password of the mailbox.")
    return EmailSettings(
        address=address,
        imap=_read_server("AMPARO_EMAIL_IMAP", IMAP_PORTS, "imaps://mail.example.org"),
        smtp=_read_server("AMPARO_EMAIL_SMTP", SMTP_PORTS, "smtps://mail.example.org"),
        user=os.environ.get("AMPARO_EMAIL_USER") or address,
        password=password,
        authserv=os.environ.get("AMPARO_EMAIL_AUTHSERV", "").strip(),
    )


def _read_server(setting: str, ports: dict[str, int], example: str) -> Server:
    text = os.environ.get(setting, "")
    url = _split_url(text)
    if url is None or url.scheme not in ports or not url.hostname or url.path.strip("/") or url.username or url.query:
        raise Misconfigured(f"{setting} is not the address of a mail server: write it as {example}.")
    by_tls = url.scheme.endswith("s")
    if url.scheme == "imap" and not is_this_machine(url.hostname):
        raise Misconfigured(f"{setting} would send the password in clear: write imaps:// in place of imap://.")
    return Server(url.hostname, url.port or ports[url.scheme], by_tls)


def _split_url(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return None
    return url


def is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
