"""SIP messages: strict parsing, and responses. Only this module uses aiosipua.

aiosipua reads leniently, so `parse_message` adds what RFC 3261 sections 7, 8.1.1 and 18.3 require before a message may
reach a transaction. Header values stay raw text: writing a stranger's From or Route anew would change it.
"""

import ipaddress
import logging
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from aiosipua.headers import SipUri, Via, parse_auth, parse_uri, parse_via, stringify_via
from aiosipua.message import REQUIRED_REQUEST_HEADERS, SipMessage
from aiosipua.message import SipRequest as Request
from aiosipua.message import SipResponse as Response

__all__ = [
    "Facts",
    "Hop",
    "Malformed",
    "Request",
    "Response",
    "Via",
    "auth_params",
    "hop_of",
    "make_response",
    "nonce_count",
    "parse_decimal",
    "parse_message",
    "record_source",
    "same_resource",
    "tag_of",
    "top_via",
    "unsupported_extensions",
    "uri_of",
    "user_of",
]

logging.getLogger("aiosipua").setLevel(logging.ERROR)  # it warns about each wrong length; we handle those ourselves

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
SUPPORTED = "timer"  # RFC 4028; nothing else may be Required of us
ONLY_ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length")
NONCE_COUNT = re.compile(r"[0-9a-fA-F]{1,8}")  # RFC 7616 3.4 says exactly eight; some phones count shorter
COPIED = ("Via", "From", "To", "Call-ID", "CSeq")  # RFC 3261 8.2.6.2
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    469: "Bad Info Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}


class Malformed(ValueError):
    """Bytes that are not a SIP message; the text never quotes them."""


class Facts(NamedTuple):
    """The fields that identify a message, parsed once and strictly."""

    call_id: str
    from_tag: str | None  # None: a peer of RFC 2543, or not yet in a dialog
    to_tag: str | None
    seq: int
    method: str

    @classmethod
    def of(cls, message: SipMessage) -> "Facts":
        seq, *method = (message.get_header("CSeq") or "").split() or [""]
        return cls(
            call_id=message.get_header("Call-ID") or "",
            from_tag=tag_of(message.get_header("From") or ""),
            to_tag=tag_of(message.get_header("To") or ""),
            seq=parse_decimal(seq, below=2**31),  # 8.1.1.5: less than 2**31
            method=" ".join(method),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Hop:
    """A literal address that a URI points to."""

    host: str
    port: int
    protocol: str


def parse_message(data: bytes) -> tuple[Request | Response, Facts]:
    """Parse a message, and the fields that identify it. Raises Malformed."""
    start = data.split(b"\n", 1)[0].rstrip()
    if not (start.startswith(b"SIP/2.0 ") or start.endswith(b" SIP/2.0")):
        raise Malformed("not SIP/2.0")
    try:
        message = SipMessage.parse(data)
    except ValueError:
        raise Malformed("unreadable") from None
    if not all(message.headers.get(name) for name in REQUIRED_REQUEST_HEADERS):
        raise Malformed("a required header is missing")
    if any(len(message.headers.get(name)) > 1 for name in ONLY_ONCE):
        raise Malformed("a header is there twice")
    if isinstance(message, Response) and not 100 <= message.status_code <= 699:
        raise Malformed("no such status")
    facts = Facts.of(message)
    if isinstance(message, Request) and facts.method != message.method:
        raise Malformed("CSeq of another method")
    declared = message.get_header("Content-Length")
    if declared is not None and parse_decimal(declared) != len(
        message.body
    ):  # 18.3; a longer body has been cut already
        raise Malformed("the body is cut short")
    return message, facts


def parse_decimal(text: str, *, below: int = 2**31) -> int:
    """Parse a plain decimal number. Raises Malformed for signs, underscores and other digits, which `int` accepts."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < below):
        raise Malformed("not a number")
    return int(text)


def make_response(request: Request, code: int, to_tag: str = "", sdp: str = "") -> Response:
    """Return a response with the headers that 8.2.6 copies, and Record-Route if it may create a dialog (12.1.1)."""
    response = Response(status_code=code, reason_phrase=REASONS.get(code, "Unknown"))
    sets_up = request.method == "INVITE" and 100 < code < 300
    for name in (*COPIED, "Record-Route") if sets_up else COPIED:
        for value in request.headers.get(name):
            response.add_header(name, value)
    to = request.get_header("To") or ""
    if to_tag and code > 100 and not tag_of(to):
        response.set_header("To", f"{to};tag={to_tag}")
    if sdp:
        response.set_header("Content-Type", "application/sdp")
        response.text = sdp
    return response


def tag_of(address: str) -> str | None:
    """Return the tag of a From or To. Parsed by hand, because it is needed several times per message."""
    for parameter in address.rpartition(">")[2].split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "tag":
            return value.strip() or None
    return None


def uri_of(address: str) -> str:
    """Return the URI in a From, To, Contact or Route value, as written. Raises Malformed unless it is SIP or tel."""
    _, bracket, rest = address.partition("<")
    uri = rest.partition(">")[0] if bracket else address.partition(";")[0].strip()
    if not uri.lower().startswith(("sip:", "sips:", "tel:")) or not uri.isprintable() or any(c in uri for c in ' "<>'):
        raise Malformed("not a SIP URI")
    return uri


def user_of(address: str) -> str:
    """Return the user part or telephone number of a URI or address, or an empty string."""
    scheme, _, rest = uri_of(address).partition(":")
    if scheme.lower() == "tel":
        return rest.partition(";")[0]
    user, at, _ = rest.partition("@")
    return unquote(user.partition(";")[0].partition(":")[0]) if at else ""


def hop_of(address: str) -> Hop | None:
    """Return the address of a Route or Contact, or None if it is not literal: a name would block on DNS."""
    uri = parse_uri(uri_of(address))
    host, port, protocol = uri.host.strip("[]"), uri.port or 5060, (uri.params.get("transport") or "udp").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return Hop(host, port, protocol) if 0 < port < 65536 and uri.scheme == "sip" else None


def top_via(message: SipMessage) -> Via:
    return parse_via(message.headers.get("Via")[0])


def record_source(request: Request, via: Via, host: str, port: int) -> None:
    """Record the source of the request in its top Via (18.2.1, RFC 3581): our response goes there."""
    other_vias = request.headers.get("Via")[1:]
    asks_for_port = "rport" in via.params
    if asks_for_port:
        via.rport = str(port)
    if asks_for_port or via.host.strip("[]") != host:
        via.received = host
    request.headers.set_single("Via", stringify_via(via))
    for value in other_vias:
        request.headers.append("Via", value)


def unsupported_extensions(request: Request) -> list[str]:
    """Return the required extensions that we do not support (8.2.2.3)."""
    return [option for option in request.headers.get("Require") if option.lower() != SUPPORTED]


def auth_params(value: str) -> dict[str, str]:
    """Return the parameters of a Digest challenge or of digest credentials; empty for any other scheme."""
    parsed = parse_auth(value)
    return {name.lower(): text for name, text in parsed.params.items()} if parsed.scheme.lower() == "digest" else {}


def nonce_count(credentials: dict[str, str]) -> int:
    """Return how often the nonce was used, including now (RFC 7616 3.4); 1 without qop. Raises Malformed."""
    if not credentials.get("qop"):
        return 1
    text = credentials.get("nc", "")
    if not NONCE_COUNT.fullmatch(text):
        raise Malformed("not a nonce count")
    return int(text, 16)


def same_resource(one: str, other: str) -> bool:
    """Whether two SIP URIs name the same user and host. Parameters, which only describe the route, may differ."""
    try:
        first, second = (parse_uri(uri_of(each)) for each in (one, other))
    except ValueError:  # Malformed is one too
        return False
    return _resource(first) == _resource(second)


def _resource(uri: SipUri) -> tuple[str, str, str, int]:
    return uri.scheme.lower(), uri.user or "", uri.host.lower(), uri.port or 5060
