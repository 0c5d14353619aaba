"""Read an e-mail (RFC 5322, MIME): who wrote it, its words, how many attachments it has. Attachments are not opened.

It runs in a process of its own (core/limited_process.py), with the standard library alone: a stranger chooses what is
parsed here. Headers are cut before the library parses them, because its parser takes time with the square of
their length. All else takes time with the length of the e-mail.
"""

import binascii
import codecs
import html
import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr
from typing import Any

LIMITS, LIMITS_OF_PART = (64 * 1024, 2000), (2 * 1024, 40)  # bytes and lines of all headers
LONGEST_HEADER = 2 * 1024  # characters of one
LONGEST_RESULTS = 16 * 1024  # of Authentication-Results: the sender decides how many signatures it speaks of
LONGEST_HTML = 200_000  # characters of a page
LONGEST_REPEATED = 200  # characters of a subject or an id that we repeat
DEPTH, PARTS = 8, 100  # of parts in parts; the rest is left out
RESULTS = "authentication-results"
LONE_CR = re.compile(rb"\r(?!\n)")
ANGLE_ADDRESS = re.compile(r"<\s*([^<>@\s]+@[^<>@\s]+)\s*>\s*$")
QUOTED_NAME = re.compile(r'"(?:[^"\\]|\\.)*"')
HIDDEN_HTML = ("script", "style", "head", "title")
BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"}
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
TAG_NAME = re.compile(r"/?\s*([a-z][a-z0-9]*)", re.IGNORECASE)
NO_ALPHABETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}  # slow, or no alphabet at all


def email_fields(raw: bytes) -> dict[str, Any]:
    """Return the fields of an e-mail that we use. A header that is missing or unreadable is blank.

    An e-mail whose parts cannot be told apart is one part: a person's words are read as they came.
    """
    raw = LONE_CR.sub(b" ", raw)  # the library takes it for the end of a line, so a subject could hold a second From
    try:
        return _fields_of(*_parts(raw))
    except MemoryError:
        raise
    except Exception:  # the library raises what it meets: TypeError, IndexError, UnicodeError
        plain: Message = Message()
        message, body = split_headers(raw, *LIMITS)
        for name in (
            "From",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
            "Precedence",
            "List-Id",
            "Return-Path",
            RESULTS,
        ):
            for value in message.get_all(name, ()):
                plain[name] = value
        return _fields_of(plain, [(Message(), body)])


def _fields_of(message: Message, leaves: list[tuple[Message, bytes]]) -> dict[str, Any]:
    text, is_cut = _words(leaves)
    senders = message.get_all("From", ())
    address, is_plain = _address(senders[0] if senders else "")
    return {
        "address": address,
        "has_plain_sender": is_plain and len(senders) == 1,
        "subject": _decoded(message.get("Subject", "")),
        "message_id": _one_line(message.get("Message-ID", "")),
        "is_automatic": _is_automatic(message),
        "text": text,
        "is_cut": is_cut,
        "attachments": sum(_is_attachment(part) for part, _content in leaves),
        "authentication": [_one_line(each, LONGEST_RESULTS) for each in message.get_all(RESULTS, ())],
    }


def split_headers(raw: bytes, longest: int, lines: int) -> tuple[Message, bytes]:
    """Return the headers, cut, and what comes after them."""
    head, body = _split_at_blank_line(raw)
    head = b"\n".join(head[:longest].split(b"\n", lines)[:lines])
    found = HeaderParser().parsestr(head.decode("iso-8859-1"))  # a letter for each byte, so all of them come back
    cut: Message = Message()
    for name, value in found.raw_items():
        longest_value = LONGEST_RESULTS if name.lower() == RESULTS else LONGEST_HEADER
        cut[name[:LONGEST_HEADER]] = _from_bytes(value[:longest_value].encode("iso-8859-1"))
    if isinstance(rest := found.get_payload(), str) and rest.strip():  # a line that is no header ends the headers
        body = rest.encode("iso-8859-1") + b"\n\n" + body
    return cut, body


def _split_at_blank_line(raw: bytes) -> tuple[bytes, bytes]:
    ends = [(at, at + len(blank)) for blank in (b"\n\n", b"\n\r\n") if (at := raw.find(blank)) >= 0]
    for blank in (b"\n", b"\r\n"):
        if raw.startswith(blank):  # no headers at all
            ends = [(0, len(blank))]
    if not ends:
        return raw, b""
    head, body = min(ends)
    return raw[:head], raw[body:]


def _from_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("iso-8859-1")


def _one_line(text: str, longest: int = LONGEST_REPEATED) -> str:
    return " ".join(text.split())[:longest]


def _address(value: str) -> tuple[str, bool]:
    """Return the address of a From header, and whether every program reads the same address there.

    Telephones write names that the library does not read, such as `Surname, Name <m@x.example>` without quotes: then
    it is what stands between angle brackets at the end. Groups, routes, second addresses, also in comments, and what
    was cut are read differently by the provider, which then checks another address than the one that we answer.
    """
    try:
        address = _without_capitals(parseaddr(value)[1].strip())
    except RecursionError:  # comments in comments
        return "", False
    if "@" not in address and (found := ANGLE_ADDRESS.search(value)):
        return _without_capitals(found[1]), False
    bare = QUOTED_NAME.sub("", value)
    return address, bare.count("@") == 1 and ":" not in bare and len(value) < LONGEST_HEADER


def _without_capitals(address: str) -> str:
    """Write an address of ASCII in small letters. Of others a letter may change: `ß` becomes `ss`, another domain."""
    return address.lower() if address.isascii() else address


def _decoded(value: str) -> str:
    """Decode the encoded words of a header (RFC 2047), and return it as one line."""
    try:
        return _one_line(str(make_header(decode_header(value))))
    except (LookupError, ValueError, MessageError):  # a character set that nobody knows, or broken base64
        return _one_line(value)


def _is_automatic(message: Message) -> bool:
    submitted = _one_line(message.get("Auto-Submitted", "")).casefold()
    return (
        submitted not in ("", "no")
        or _one_line(message.get("Precedence", "")).casefold() in ("bulk", "list", "junk", "auto_reply")
        or bool(_one_line(message.get("List-Id", "")))
        or _one_line(message.get("Return-Path", "")) == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _is_attachment(part: Message) -> bool:
    return part.get("Content-Disposition", "").partition(";")[0].strip().casefold() == "attachment"


def _parts(raw: bytes) -> tuple[Message, list[tuple[Message, bytes]]]:
    """Return the headers of the e-mail, and each part without parts of its own: its headers, and its content, still
    encoded.
    """
    top: Message | None = None
    found: list[tuple[Message, bytes]] = []
    waiting = [(raw, DEPTH)]
    for _number in range(PARTS):
        if not waiting:
            break
        part, depth = waiting.pop()
        message, content = split_headers(part, *(LIMITS if top is None else LIMITS_OF_PART))
        top = message if top is None else top
        boundary = message.get_boundary() if message.get_content_maintype() == "multipart" else None
        pieces = _pieces(content, boundary.encode()) if boundary and depth else []
        waiting += [(each, depth - 1) for each in reversed(pieces)]
        if boundary and not pieces:
            del message["Content-Type"]  # its parts cannot be told apart: all of it is read as it came
        if not pieces:
            found.append((message, content))
    assert top is not None
    return top, found


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Return what stands between the lines with this boundary."""
    delimiter = b"\n--" + boundary
    pieces: list[list[bytes]] = []
    for found in (b"\n" + body).split(delimiter, PARTS)[1:]:
        line, _newline, rest = found.partition(b"\n")
        if line.strip() == b"--":  # the last one
            break
        if not line.strip():
            pieces.append([rest])
        elif pieces:  # another line, which only begins like this one
            pieces[-1] += [delimiter, found]
    return [b"".join(each) for each in pieces]


def _words(leaves: list[tuple[Message, bytes]]) -> tuple[str, bool]:
    """Return the text that the person wrote, and whether the end of it was cut."""
    texts = {"text/plain": "", "text/html": ""}
    for part, content in leaves:
        kind = part.get_content_type()
        if kind in texts and not texts[kind] and not _is_attachment(part):
            texts[kind] = _text_of(part, content).replace("\r\n", "\n").replace("\0", "").strip()
    if text := texts["text/plain"]:
        return text, False
    page = texts["text/html"]
    return text_of_html(page[:LONGEST_HTML]), len(page) > LONGEST_HTML


def _text_of(part: Message, content: bytes) -> str:
    encoding = part.get("Content-Transfer-Encoding", "").strip().casefold()
    if encoding == "base64":
        letters = content.translate(None, NOT_BASE64)
        content = binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _last_letters(letters))
    elif encoding == "quoted-printable":
        content = binascii.a2b_qp(content)
    try:
        alphabet = codecs.lookup(part.get_content_charset("utf-8")).name
        if alphabet.replace("-", "_") in NO_ALPHABETS:
            alphabet = "utf-8"
        return content.decode(alphabet)
    except (LookupError, ValueError):  # a character set that nobody knows, or other bytes than it says
        return content.decode("utf-8", "replace")


def _last_letters(letters: bytes) -> bytes:
    """Return the last letters of base64, filled up to four. One alone says nothing."""
    last = letters[len(letters) // 4 * 4 :]
    return last.ljust(4, b"=") if len(last) > 1 else b""


def text_of_html(page: str) -> str:
    """Return the words of a page, a line for each block."""
    words: list[str] = []
    small, at = page.lower(), 0
    if len(small) != len(page):  # some letters become two when they are made small
        small = page
    while (tag := page.find("<", at)) >= 0:
        words.append(page[at:tag])
        is_comment = page.startswith("<!--", tag)
        end = page.find("-->" if is_comment else ">", tag)
        if end < 0:
            at = len(page)  # it never ends
            break
        at = end + (3 if is_comment else 1)
        name = TAG_NAME.match(small, tag + 1, tag + 20)
        if name and name[1] in BREAKS:
            words.append("\n")
        if name and name[1] in HIDDEN_HTML and small[tag + 1] != "/":
            close = small.find(f"</{name[1]}", at)
            at = close if close >= 0 else len(page)
    words.append(page[at:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(words)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
