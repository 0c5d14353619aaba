"""Turn an e-mail into words to read, and an answer into an e-mail. Attachments are counted and never opened."""

import hashlib
import re
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from html.parser import HTMLParser

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..channel import Arrival, Outgoing

LONGEST_HEADER = 200  # characters of a subject or an id that we repeat
ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]+@[^\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]+")
QUOTED = re.compile(r"^\s*>|^-{2,}\s*(original|mensaje original|forwarded)|^_{10,}\s*$", re.IGNORECASE)
ATTRIBUTION = re.compile(r"(wrote|escribió|escribio|escribiu)\s*:\s*$", re.IGNORECASE)
SKIPPED = {"script", "style", "head", "title"}
BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"}


class AutomaticEmail(Exception):
    """An e-mail that no person wrote: a newsletter, a bounce, the answer of a machine. We answer none (RFC 3834)."""


def arrival_of(raw: bytes, at: datetime, own_address: str) -> Arrival:
    """Read an e-mail. Raises `AutomaticEmail` if no person wrote it, or if it has no sender to answer."""
    message = _parse_email(raw)
    address = parseaddr(_header(message, "From"))[1].strip().casefold()
    if not ADDRESS.fullmatch(address) or address == own_address.casefold():
        raise AutomaticEmail
    if _is_automatic(message):
        raise AutomaticEmail
    subject, body = _header(message, "Subject"), _body(message)
    text = "\n\n".join(filter(None, (subject, body))) or _("[An e-mail without words.]")
    if number := _attachment_count(message):
        note = ngettext("[%d attachment was not kept.]", "[%d attachments were not kept.]", number) % number
        text = f"{text}\n\n{note}"
    message_id = _header(message, "Message-ID")
    return Arrival(
        id=message_id or f"{at.isoformat()} {hash_of(raw)}",
        address=address,
        text=text,
        at=at,
        envelope={"address": address, "subject": subject, "message_id": message_id},
        own_words=_without_quotes(body) or ("" if body else subject),
    )


def hash_of(raw: bytes) -> str:
    """Return a hash that identifies an e-mail without a Message-ID.

    It goes into a keyed token and is stored nowhere.
    """
    return hashlib.sha256(raw).hexdigest()


def email_of(outgoing: Outgoing, own_address: str, now: datetime) -> EmailMessage:
    """Write an answer as an e-mail. Its Message-ID depends on `outgoing.id` alone, so that a second copy is known."""
    envelope = outgoing.envelope
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = own_address, envelope["address"]
    with translation.override(outgoing.language):
        subject = envelope.get("subject") or _("Your message")
    message["Subject"] = subject if subject.casefold().startswith("re:") else f"Re: {subject}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{outgoing.id}@{own_address.partition('@')[2]}>"
    if re.fullmatch(r"<[!-~]+@[!-~]+>", replied := envelope.get("message_id", "")):
        message["In-Reply-To"] = message["References"] = replied
    if outgoing.is_automatic:
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(outgoing.text)
    return message


def _parse_email(raw: bytes) -> EmailMessage:
    """Parse the e-mail. If its parts are nested too deeply, parse only its headers."""
    try:
        return message_from_bytes(raw, policy=policy.default)
    except RecursionError:
        return BytesParser(policy=policy.default).parsebytes(raw, headersonly=True)


def _attachment_count(message: EmailMessage) -> int:
    with suppress(Exception):  # the parser raises many kinds of errors for odd parts
        return sum(part.get_content_disposition() == "attachment" for part in message.walk())
    return 0


def _header(message: EmailMessage, name: str) -> str:
    """Return a header as one line. Blank: there is none, or it cannot be read."""
    with suppress(Exception):  # the parser raises many kinds of errors for odd headers
        return " ".join(str(message.get(name, "")).split())[:LONGEST_HEADER]
    return ""


def _is_automatic(message: EmailMessage) -> bool:
    submitted = _header(message, "Auto-Submitted").casefold()
    return (
        submitted not in ("", "no")
        or _header(message, "Precedence").casefold() in ("bulk", "list", "junk", "auto_reply")
        or bool(_header(message, "List-Id"))
        or _header(message, "Return-Path") == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _body(message: EmailMessage) -> str:
    part = None
    with suppress(Exception):  # the parser raises many kinds of errors for odd parts
        part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError, KeyError, ValueError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if part.get_content_type() == "text/html":
        text = _text_of_html(text)
    return text.replace("\r\n", "\n").replace("\0", "").strip()


class _TextOfHtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._skipped += tag in SKIPPED
        if tag in BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in SKIPPED and self._skipped > 0

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words.append(data)


def _text_of_html(html: str) -> str:
    words = _TextOfHtml()
    words.feed(html)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_quotes(body: str) -> str:
    """Return what the person wrote above the message that they answer."""
    own: list[str] = []
    for line in body.split("\n"):
        if QUOTED.search(line) or ATTRIBUTION.search(line):
            break
        own.append(line)
    return "\n".join(own).strip()
