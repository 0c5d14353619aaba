"""E-mail: one mailbox, read by IMAP (RFC 9051) and answered by SMTP (RFC 5321).

An e-mail that we keep is deleted in the mailbox. One that no person wrote is moved to the mailbox's folder `Automatic`,
for whoever looks after it, and one that cannot be read to `Unreadable`.
"""

import imaplib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.limited_process import NotParsed, ParsingStopped
from amparo.foundation.core.refusal import RateLimited

from ..channel import (
    AnswerLost,
    Arrival,
    Keep,
    Outgoing,
    ProviderAway,
    TryLater,
    Undeliverable,
    WrittenChannel,
    greeting,
    name_police,
)
from ..models import begin_reading, end_reading, unfinished_reading
from . import settings
from .parsing import AutomaticEmail, arrival_of, email_of
from .settings import EmailSettings

PATIENCE = 30  # seconds for each answer of a server
MOST = 2_000_000  # bytes of an e-mail that are fetched: its words come before its attachments
AUTOMATIC, UNREADABLE, WAITING = "Automatic", "Unreadable", "Waiting"  # folders
BACK_AT_ONCE = 50  # e-mails of Waiting in one visit
CLOSING = 421


class Email(WrittenChannel):
    name = "email"
    title = gettext_lazy("E-mail")
    label = gettext_lazy("writes by e-mail")

    def read_settings(self) -> object | None:
        return settings.read_settings()

    def first_answer(self, is_open: bool = True) -> str:
        ours = _(
            "We have your message. No machine answers it: a person of our team who is on shift reads it and writes to "
            "you here."
        )
        rest = _(
            "If you are in danger now, do not wait for an e-mail: call us, or call %(police)s.\n\nIf somebody is in "
            "grave danger or under 18, or the law or a judge requires it, we may have to tell others: write only what "
            "you want.\n\nDo not write your full name, your address, or passwords. If somebody else can read your "
            "e-mail, delete these messages, and write to us from another device.\n\nIf you want nothing more from us, "
            "answer with one word: BAJA."
        ) % {"police": name_police()}
        return f"{greeting(ours, is_open)}\n\n{rest}"

    def receive(self, keep: Keep) -> int:
        mail = _settings()
        fault: Exception | None = None
        try:
            with _mailbox(mail) as box:
                _bring_back(box)
                _data_of(box.select("INBOX"))
                validity = _validity(box)
                unfinished = unfinished_reading(self.name)
                for uid in _data_of(box.uid("SEARCH", "UNDELETED"))[0].decode().split():
                    try:
                        if unfinished == f"{validity} {uid}":  # reading it ended the last run
                            _move(box, uid, UNREADABLE)
                        elif arrival := self._read_email(box, uid, f"{validity} {uid}", mail):
                            _keep_email(box, uid, arrival, keep)
                    except (OSError, imaplib.IMAP4.error, OperationalError, InterfaceError, ParsingStopped):
                        raise
                    except Exception as error:  # of this e-mail alone, which waits aside now
                        fault = error
                aside = _count(box, UNREADABLE)
        except (OSError, imaplib.IMAP4.error) as error:
            raise ProviderAway(type(error).__name__) from None  # the error may quote an address
        if fault:
            raise fault
        return aside

    def _read_email(self, box: imaplib.IMAP4, uid: str, number: str, mail: EmailSettings) -> Arrival | None:
        """Fetch and read an e-mail. None: there is nothing to keep of it, and it was moved away.

        `number` is recorded meanwhile.
        """
        found = _data_of(box.uid("FETCH", uid, f"(INTERNALDATE BODY.PEEK[]<0.{MOST}>)"))
        if not found or not isinstance(found[0], tuple):
            return None  # another program has just taken it away
        head, raw = found[0]
        begin_reading(self.name, number)
        arrival = None
        try:
            arrival = arrival_of(raw, _date_of(head), mail.address, mail.authserv)
        except AutomaticEmail:
            _move(box, uid, AUTOMATIC)
        except ParsingStopped:
            end_reading(self.name)
            raise
        except NotParsed:
            _move(box, uid, UNREADABLE)
        end_reading(self.name)
        return arrival

    @contextmanager
    def outbox(self) -> Iterator[Callable[[Outgoing], None]]:
        mail = _settings()
        try:
            link = _connect_smtp(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise ProviderAway(type(error).__name__) from None

        def send(outgoing: Outgoing) -> None:
            try:
                message = email_of(outgoing, mail.address, timezone.now())
                message.as_bytes()
            except Exception:  # the library raises many kinds of errors for odd headers
                raise Undeliverable from None
            try:
                link.send_message(message)
            except smtplib.SMTPRecipientsRefused as refused:
                raise _exception_for(max(code for code, _text in refused.recipients.values())) from None
            except smtplib.SMTPDataError as refused:
                raise _exception_for(refused.smtp_code) from None
            except (smtplib.SMTPNotSupportedError, UnicodeError):  # an address in letters that this server cannot name
                raise Undeliverable from None
            except smtplib.SMTPResponseException as refused:
                raise ProviderAway(str(refused.smtp_code)) from None
            except OSError as error:  # also the library's own: the link broke, perhaps after the relay took the message
                raise AnswerLost(type(error).__name__) from None

        try:
            yield send
        finally:
            with suppress(OSError, smtplib.SMTPException):
                link.quit()


def _settings() -> EmailSettings:
    mail = settings.read_settings()
    assert mail is not None  # asked only where it is set up
    return mail


def _exception_for(code: int) -> Exception:
    """Return the exception for an SMTP reply code about one message (RFC 5321 section 4.2.1).

    From 500 on the refusal is final. At 421 the server ends the connection. Any other code means: later.
    """
    if code >= 500:
        return Undeliverable()
    return ProviderAway(str(code)) if code == CLOSING else TryLater(str(code))


@contextmanager
def _mailbox(mail: EmailSettings) -> Iterator[imaplib.IMAP4]:
    host, port = mail.imap.host, mail.imap.port
    if mail.imap.by_tls:
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=PATIENCE)
    else:
        box = imaplib.IMAP4(host, port, timeout=PATIENCE)
    try:
        box.login(mail.user, mail.password)
        yield box
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _connect_smtp(mail: EmailSettings) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if mail.smtp.by_tls:
        link: smtplib.SMTP = smtplib.SMTP_SSL(mail.smtp.host, mail.smtp.port, timeout=PATIENCE, context=trusted)
        link.ehlo()
    else:
        link = smtplib.SMTP(mail.smtp.host, mail.smtp.port, timeout=PATIENCE)
        link.ehlo()
        if link.has_extn("starttls") or not settings.is_this_machine(mail.smtp.host):
            link.starttls(context=trusted)  # raises where a server on the network has none: nothing goes in clear
            link.ehlo()
    if link.has_extn("auth"):
        link.login(mail.user, mail.password)
    return link


def _keep_email(box: imaplib.IMAP4, uid: str, arrival: Arrival, keep: Keep) -> None:
    try:
        keep(arrival)
    except RateLimited:
        _move(box, uid, WAITING)  # until somebody has answered what came before
        return
    except (OperationalError, InterfaceError):
        raise  # the database is away: it stays in the mailbox
    except Exception:
        _move(box, uid, UNREADABLE)
        raise
    _delete(box, uid)


def _bring_back(box: imaplib.IMAP4) -> None:
    """Put a few of those that wait for an answer to earlier ones back into the mailbox, behind what came since.

    All at once would be read again in each visit, before what others wrote.
    """
    if box.select(WAITING)[0] == "OK":
        for uid in _data_of(box.uid("SEARCH", "UNDELETED"))[0].decode().split()[:BACK_AT_ONCE]:
            _move(box, uid, "INBOX")


def _move(box: imaplib.IMAP4, uid: str, folder: str) -> None:
    box.create(folder)
    _data_of(box.uid("COPY", uid, folder))
    _delete(box, uid)


def _delete(box: imaplib.IMAP4, uid: str) -> None:
    _data_of(box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
    # RFC 4315; without it, whatever somebody marked as deleted goes as well
    _data_of(box.uid("EXPUNGE", uid) if b"UIDPLUS" in _data_of(box.capability())[0] else box.expunge())


def _validity(box: imaplib.IMAP4) -> str:
    """Return the number of the mailbox without which a message's number says nothing (RFC 9051 section 2.3.1.1)."""
    found = box.response("UIDVALIDITY")[1]
    return found[0].decode() if found and found[0] else ""


def _count(box: imaplib.IMAP4, folder: str) -> int:
    """Return how many messages a folder holds. None of that name: 0."""
    status, found = box.status(folder, "(MESSAGES)")
    number = re.search(rb"MESSAGES (\d+)", found[0]) if status == "OK" and found[0] else None
    return int(number[1]) if number else 0


def _data_of(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error
    return answer[1]


def _date_of(head: bytes) -> datetime:
    """Return when the message reached the mailbox, by the server's clock. The sender writes the header `Date`.

    A time that cannot be read, or that no datetime can show, is now.
    """
    try:
        parts = imaplib.Internaldate2tuple(head)
        return datetime.fromtimestamp(time.mktime(parts), UTC) if parts else timezone.now()
    except (ValueError, OverflowError, OSError, KeyError):
        return timezone.now()
