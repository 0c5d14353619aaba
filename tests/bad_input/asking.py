"""Requests, byte by byte: some that a page of ours might send, and more that no browser would."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from hypothesis import strategies as st

from .pages import Page
from .values import LONG, NASTY, PLANTED, json_of_any_shape, texts, wanted

METHODS = (
    ["GET"] * 6 + ["POST"] * 12 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONE", "get"]
)
FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=edge", "application/json"
TYPES = [
    "", ";", "text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "b" * 300, FORM, JSON, MULTIPART,
    f"{FORM}; charset=latin-1", f"{MULTIPART}; charset=hex", f"{MULTIPART}; charset=idna", f"{JSON}; charset=utf-7",
    f"{MULTIPART}; charset=utf-16", "text/html; charset*=bogus''x", "text/html; charset=undefined",
    "multipart/form-data; boundary=é", "multipart/mixed; boundary*0=a; boundary*1*=utf-8''b", "a" * 11_000 + ";b=c",
]  # fmt: skip
WEBSOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + "a" * 22 + "=="
)
CHUNKED = "Transfer-Encoding: chunked"
HEADERS = [
    "Host: [", f"Host: {PLANTED}.example", "Host: a b", "Host: ", "Accept-Language: xx;q=é", "Accept-Language: a,a,a",
    "Cookie: sessionid", "Cookie: sessionid=\xff; csrftoken=\xff", f'Cookie: a="{PLANTED}; b=\\"', "Cookie: =;;=,",
    "Origin: http://[", "Origin: null", f"Origin: https://{PLANTED}.example", "Referer: http://[", "X-Odd: \0",
    "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: \xff", "X-Forwarded-For: nobody", "X-Forwarded-For: \xe9, 1",
    "X-Forwarded-For: ::ffff:1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Proto: gopher", "Range: bytes=9-1",
    "Range: a-,", "If-Modified-Since: Sun, 99 Xxx 0000 99:99:99", 'If-None-Match: "', "Accept-Encoding: gzip;q=x, \xff",
    "Content-Length: -1", "Content-Length: " + "9" * 30, "Expect: \xff", "Expect: 100-continue", "Bad Header: x", ": x",
    "Content-Encoding: gzip", "X-Long: " + "a" * 70_000, "X-CSRF-Token: \xff", "X-CSRF-Token: " + "a" * 64,
    "X-HTTP-Method-Override: DELETE", WEBSOCKET, CHUNKED,
]  # fmt: skip


@dataclass(frozen=True)
class MadeUpRequest:
    """One request without its sender, who is added when it is sent."""

    page: Page
    method: str
    target: bytes
    body: bytes
    headers: tuple[str, ...]
    is_of_our_page: bool = True  # brings the token that a page of ours would bring
    cut: int | None = None  # the connection ends after so many bytes of the body; None: it does not

    def __str__(self) -> str:
        headers, end = [header[:60] for header in self.headers], "" if self.cut is None else " cut off"
        return f"{self.method} {self.target[:120]!r} {headers} {len(self.body)} bytes {self.body[:120]!r}{end}"


type Known = Mapping[str, list[str]]  # by converter, such as "uuid": what there is


def requests(pages: list[Page], known: Known) -> st.SearchStrategy[MadeUpRequest]:
    return st.sampled_from(pages).flatmap(lambda page: _requests(page, known))


@st.composite
def _requests(draw: st.DrawFn, page: Page, known: Known) -> MadeUpRequest:
    method = draw(st.sampled_from(METHODS))
    fields = draw(_fields(page))
    kind, body = draw(_body(fields)) if method != "GET" else ("", b"")
    headers = [f"Content-Type: {kind}"] if kind else []
    chance = draw(st.integers(0, 99))
    if chance < 12:
        headers = [f"Content-Type: {draw(st.sampled_from(TYPES))}"]
    if chance % 4 == 0:
        headers += draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=3))
    if chance % 2:
        headers.append("Sec-Fetch-Mode: cors")
    if chance % 3 == 0:
        headers.append(f"X-Forwarded-For: 198.51.{chance}.{draw(st.integers(0, 255))}")
    query = fields if method == "GET" else draw(_fields(page)) if chance % 5 == 0 else []
    address = draw(target(page, known)) + (b"?" + draw(_query(query)) if query else b"")
    cut = draw(st.integers(0, len(body) - 1)) if chance > 95 and body else None
    return MadeUpRequest(page, method, address, body, tuple(headers), chance not in range(20, 30), cut)


@st.composite
def _fields(draw: st.DrawFn, page: Page) -> list[tuple[str, Any]]:
    """Under the names that the page reads: all as it wants them, all but one, or anything."""
    names = list(page.words) or ["x"]
    choice_number = draw(st.integers(0, 9))
    if choice_number >= 7:
        some = st.sampled_from(names) | texts
        return draw(st.lists(st.tuples(some, texts), max_size=6))
    fields = [(name, draw(wanted(name, page.words.get(name, ())))) for name in names[:40]]
    if choice_number >= 3:
        place = draw(st.integers(0, len(fields) - 1))
        wrong = draw(st.sampled_from(LONG) if choice_number == 3 and draw(st.integers(0, 7)) == 0 else texts)
        fields[place] = (fields[place][0], wrong)
    return fields


@st.composite
def _body(draw: st.DrawFn, fields: list[tuple[str, Any]]) -> tuple[str, bytes]:
    choice_number = draw(st.integers(0, 9))
    if choice_number <= 4:
        return FORM, _encoded(fields)
    if choice_number == 5:
        return MULTIPART, draw(_multipart(fields))
    if choice_number <= 7:
        return JSON, _dumped(dict(fields))
    if choice_number == 8:
        return JSON, _dumped(draw(json_of_any_shape))
    return draw(st.sampled_from([FORM, JSON, MULTIPART])), draw(st.binary(max_size=200))


def _encoded(fields: list[tuple[str, Any]]) -> bytes:
    return urlencode([(_bytes(name), _bytes(value)) for name, value in fields]).encode()


def _dumped(what: Any) -> bytes:
    return _bytes(json.dumps(what))


@st.composite
def _multipart(draw: st.DrawFn, fields: list[tuple[str, Any]]) -> bytes:
    extra = draw(
        st.sampled_from(["", '; filename="a"', "; filename*=bogus''x", "\r\nContent-Transfer-Encoding: base64", "; é"])
    )
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="'
        + _bytes(name)
        + b'"'
        + extra.encode()
        + b"\r\n\r\n"
        + _bytes(value)
        for name, value in fields
    ]
    end = draw(st.sampled_from([b"\r\n--edge--\r\n", b"", b"--edge"]))
    return b"\r\n".join(parts) + end


@st.composite
def target(draw: st.DrawFn, page: Page, known: Known) -> bytes:
    """The page's address with something in place of what varies; sometimes only nearly."""
    parts = re.split(r"<(\w+):\w+>", page.route)
    for place in range(1, len(parts), 2):
        there = known.get(parts[place], [])
        is_known = there and draw(st.integers(0, 9)) < 8
        parts[place] = (
            there[draw(st.integers(0, 999)) % len(there)] if is_known else draw(st.sampled_from(NASTY + LONG[:1]))
        )
    address = quote_from_bytes(_bytes("".join(parts)), safe="/").encode()
    match draw(st.integers(0, 39)):
        case 0:
            return address + quote_from_bytes(_bytes(draw(texts))).encode()
        case 1:
            return b"/" + address
        case 2:
            return address + draw(st.sampled_from([b"/", b"\xc3\xa9", b"%ff", b"%", b"#x", b";x", b"/../..", b"\x7f"]))
    return address


@st.composite
def _query(draw: st.DrawFn, fields: list[tuple[str, Any]]) -> bytes:
    query = _encoded(fields)[:50_000]
    match draw(st.integers(0, 19)):
        case 0:
            return query + b"&q=\xc3\xa9\xff"
        case 1:
            return query + b"&" * 1200
    return query


def _bytes(value: Any) -> bytes:
    """As UTF-8, lone surrogates too."""
    return str(value).encode("utf-8", "surrogatepass")
