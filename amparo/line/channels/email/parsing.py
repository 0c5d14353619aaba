"""Turn an e-mail into words to read, and an answer into an e-mail. Attachments are counted and never opened."""

import hashlib
import re
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.core.limited_process import parse_in_limited_process

from ..channel import Arrival, Outgoing
from ..webhooks import storable_text
from .authentication import is_forged
from .mime import email_fields

SECONDS = 2  # of a processor; an ordinary e-mail takes a twentieth of one
LONGEST_OWN = 20_000  # characters in which we look for what the person wrote above a quotation
ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]+@[^\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]+")
QUOTED = re.compile(r"^\s*>|^-{2,}\s*(original|mensaje original|forwarded)|^_{10,}\s*$", re.IGNORECASE)
ATTRIBUTION = re.compile(r"(wrote|escribió|escribio|escribiu)\s*:\s*$", re.IGNORECASE)


class AutomaticEmail(Exception):
    """An e-mail that no person wrote: a newsletter, a bounce, the answer of a machine. We answer none (RFC 3834)."""


def arrival_of(raw: bytes, at: datetime, own_address: str, authserv: str = "") -> Arrival:
    """Read an e-mail, in a process of its own.

    Raises `AutomaticEmail` if no person wrote it, or if it has no sender to answer; `NotParsed`.
    """
    fields = parse_in_limited_process(email_fields, raw, seconds=SECONDS)
    address, subject, body, message_id = (
        storable_text(fields[name]) for name in ("address", "subject", "text", "message_id")
    )
    if fields["is_automatic"] or not ADDRESS.fullmatch(address) or address == own_address.casefold():
        raise AutomaticEmail
    domain = address.rpartition("@")[2]
    forged = not fields["has_plain_sender"] or is_forged(fields["authentication"], authserv, domain)
    text = "\n\n".join(filter(None, (subject, body))) or _("[An e-mail without words.]")
    if fields["is_cut"]:
        text = f"{text}\n\n{_('[The e-mail was too long: its end was not kept.]')}"
    if number := fields["attachments"]:
        note = ngettext("[%d attachment was not kept.]", "[%d attachments were not kept.]", number) % number
        text = f"{text}\n\n{note}"
    if forged:
        text = f"{_('[SENDER NOT CONFIRMED: our provider says that somebody else may have written this.]')}\n\n{text}"
    return Arrival(
        id=message_id or f"{at.isoformat()} {hash_of(raw)}",
        address=address,
        text=text,
        at=at,
        envelope={"address": address, "subject": subject, "message_id": message_id},
        own_words=_without_quotes(body[:LONGEST_OWN]) or ("" if body else subject),
        is_forged=forged,
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
    is_bare = outgoing.is_notice or subject.casefold().startswith("re:")
    message["Subject"] = subject if is_bare else f"Re: {subject}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{outgoing.id}@{own_address.partition('@')[2]}>"
    if re.fullmatch(r"<[!-~]+@[!-~]+>", replied := envelope.get("message_id", "")):
        message["In-Reply-To"] = message["References"] = replied
    if outgoing.is_automatic:
        message["Auto-Submitted"] = "auto-generated" if outgoing.is_notice else "auto-replied"  # RFC 3834 section 5
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(outgoing.text)
    return message


def _without_quotes(body: str) -> str:
    """Return what the person wrote above the message that they answer."""
    own: list[str] = []
    for line in body.split("\n"):
        if QUOTED.search(line) or ATTRIBUTION.search(line):
            break
        own.append(line)
    return "\n".join(own).strip()
