"""Digest authentication (RFC 3261 section 22, RFC 7616, RFC 8760): the hashes, and our answer to a challenge."""

import hashlib
import secrets
from dataclasses import dataclass, field

from .message import Response, auth_params

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Our user name and password at a trunk."""

    user: str = field(repr=False)
    password: str = field(repr=False)


def digest(text: str, algorithm: str) -> str:
    return HASHES[algorithm](text.encode()).hexdigest()


def ha1(user: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """Return the hash that a credential store keeps instead of the password (RFC 7616 3.4.2)."""
    return digest(f"{user}:{realm}:{password}", algorithm)


def digest_response(secret: str, method: str, params: dict[str, str], algorithm: str) -> str:
    """Return the value of the parameter `response` (RFC 7616 3.4.1). `secret` is the HA1. Without qop, as RFC 2069."""
    ha2 = digest(f"{method}:{params.get('uri', '')}", algorithm)
    names = ("nonce", "nc", "cnonce", "qop") if params.get("qop") else ("nonce",)
    return digest(":".join([secret, *(params.get(name, "") for name in names), ha2]), algorithm)


def authorize(credentials: Credentials, response: Response, method: str, uri: str) -> tuple[str, str] | None:
    """Return the name and value of the header that answers a 401 or 407. None: we can answer none of its challenges."""
    challenge_header, credentials_header = CHALLENGES.get(response.status_code, ("", ""))
    for value in response.headers.get(challenge_header):
        challenge = auth_params(value)
        algorithm = challenge.get("algorithm", "MD5").upper()
        offered = [qop.strip().lower() for qop in challenge.get("qop", "").split(",") if qop.strip()]
        if algorithm in HASHES and "nonce" in challenge and (not offered or "auth" in offered):
            return credentials_header, _credentials_value(credentials, challenge, algorithm, method, uri, bool(offered))
    return None


def _credentials_value(
    account: Credentials, challenge: dict[str, str], algorithm: str, method: str, uri: str, with_qop: bool
) -> str:
    realm = challenge.get("realm", "")
    params = {"username": account.user, "realm": realm, "nonce": challenge["nonce"], "uri": uri}
    bare = {"algorithm": algorithm}  # RFC 7616 3.4: these are not quoted
    if with_qop:
        params["cnonce"] = secrets.token_hex(8)
        bare |= {"qop": "auth", "nc": "00000001"}
    params["response"] = digest_response(
        ha1(account.user, realm, account.password, algorithm), method, params | bare, algorithm
    )
    if "opaque" in challenge:
        params["opaque"] = challenge["opaque"]
    quoted = [f'{name}="{value}"' for name, value in params.items()]
    return "Digest " + ", ".join([*quoted, *(f"{name}={value}" for name, value in bare.items())])
