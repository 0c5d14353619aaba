"""Requests to a provider's program: by https, or by http to a program on this machine."""

import http.client
import ssl
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from amparo.foundation.core.refusal import Misconfigured

from .channel import AnswerLost, ProviderAway

PATIENCE = 15  # seconds for an answer


def read_address(setting: str, text: str, example: str) -> SplitResult:
    """Parse the URL `text` of a setting: https, or http to this machine.

    Raises `Misconfigured` with one sentence that names the setting and shows `example`.
    """
    try:
        url = urlsplit(text)
        _ = url.port
        is_here = url.hostname == "localhost" or (url.scheme == "http" and ip_address(url.hostname or "").is_loopback)
    except ValueError:
        is_here, url = False, urlsplit("")
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if not is_plain or not url.hostname or not (url.scheme == "https" or is_here) or url.username or url.query:
        raise Misconfigured(f"{setting} is not an address with https: write it as {example}.")
    return url


def post_json(to: SplitResult, path: str, body: bytes, headers: dict[str, str]) -> int:
    """Post JSON, and return the HTTP status. The response is not read, for it may repeat a telephone number.

    Raises `ProviderAway` if the post did not go out, and `AnswerLost` if it did and no response came.
    """
    host = str(to.hostname)
    link: http.client.HTTPConnection
    if to.scheme == "https":
        link = http.client.HTTPSConnection(host, to.port, timeout=PATIENCE, context=ssl.create_default_context())
    else:
        link = http.client.HTTPConnection(host, to.port, timeout=PATIENCE)
    try:
        link.request("POST", path, body, {"Content-Type": "application/json", **headers})
    except (OSError, http.client.HTTPException) as error:
        link.close()
        raise ProviderAway(type(error).__name__) from None
    try:
        return link.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise AnswerLost(type(error).__name__) from None
    finally:
        link.close()
