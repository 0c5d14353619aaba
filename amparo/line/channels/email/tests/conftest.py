from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from .servers import ADDRESS, PASSWORD, Mailbox, Relay, running_mailbox

HER = "maria.planted@correo.example"
WORDS = "invented words of nobody"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


@pytest.fixture
def mailbox(dovecot) -> Iterator[Mailbox]:
    """The line's mailbox, empty and running."""
    yield dovecot
    dovecot.start()
    with dovecot.opened() as box:
        for folder in ("INBOX", "Automatic", "Unreadable", "Waiting"):
            status, found = box.select(folder)
            if status == "OK" and int(found[0]):
                box.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
                box.expunge()


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, mailbox, relay) -> None:
    """A line with e-mail."""
    for name, value in {
        "": ADDRESS, "_PASSWORD": PASSWORD, "_IMAP": f"imap://127.0.0.1:{mailbox.port}",
        "_SMTP": f"smtp://127.0.0.1:{relay.port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_EMAIL{name}", value)


@pytest.fixture
def write(mailbox, now) -> Callable[..., None]:
    """Somebody writes an e-mail: it is in the mailbox then."""
    number = iter(range(1000))

    def write(
        text: str = WORDS,
        *,
        sender: str = HER,
        subject: str = "Ayuda",
        id: str | None = None,
        ago: float = 5,
        **more: str,
    ) -> None:
        message = EmailMessage()
        at = now - timedelta(minutes=ago)
        message["From"], message["To"], message["Subject"] = sender, ADDRESS, subject
        message["Date"], message["Message-ID"] = format_datetime(at), id or f"<{next(number)}@correo.example>"
        for name, value in more.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        mailbox.deliver(message.as_bytes(), at)

    return write
