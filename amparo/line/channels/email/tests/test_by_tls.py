"""E-mail over the network goes by TLS, to servers whose certificate is for their name, from an authority we trust."""

import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from amparo.foundation.integrations.tests.peer import make_certificate
from amparo.line.channels.email import settings
from amparo.line.chat.models import Chat, ChatMessage, Delivery

from .conftest import HER, WORDS
from .servers import ADDRESS, Mailbox, Relay, reachable_folder


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def certificate(folder):
    return make_certificate(folder, folder / "authority.pem")


@pytest.fixture(scope="session")
def tls_dovecot(folder, certificate) -> Iterator[Mailbox]:
    box = Mailbox(folder, certificate)
    box.start()
    yield box
    box.stop()


@pytest.fixture(params=["smtps", "starttls"])
def tls_relay(request, certificate) -> Iterator[Relay]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    is_at_once = request.param == "smtps"
    server = Relay(ssl_context=context) if is_at_once else Relay(tls_context=context, require_starttls=True)
    server.scheme = "smtps" if is_at_once else "smtp"
    server.start()
    yield server
    server.stop()


@pytest.fixture
def by_tls(monkeypatch, folder, tls_dovecot, tls_relay, now):
    """A line whose mailbox is reached by TLS alone, with one e-mail in it. Its authority is trusted."""
    monkeypatch.setattr(settings, "is_this_machine", lambda host: False)  # as on the network: nothing goes in clear
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    at(monkeypatch, "localhost", tls_dovecot, tls_relay)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = HER, ADDRESS, "Ayuda"
    message["Date"], message["Message-ID"] = format_datetime(now), "<1@correo.example>"
    message.set_content(WORDS)
    tls_dovecot.deliver(message.as_bytes(), now)
    yield
    with tls_dovecot.opened() as box:
        if int(box.select("INBOX")[1][0]):
            box.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
            box.expunge()


def at(monkeypatch, host, box, relay):
    monkeypatch.setenv("AMPARO_EMAIL_IMAP", f"imaps://{host}:{box.tls_port}")
    monkeypatch.setenv("AMPARO_EMAIL_SMTP", f"{relay.scheme}://{host}:{relay.port}")


def test_an_email_arrives_and_is_answered_by_tls(by_tls, tls_dovecot, tls_relay, minute):
    minute()
    assert Chat.objects.get().channel == "email"
    assert tls_dovecot.count() == 0
    assert (tls_relay.handler.recipients, tls_relay.handler.by_tls) == ([HER], [True])


def test_a_server_whose_authority_nobody_trusts_gets_nothing(
    by_tls, tls_dovecot, tls_relay, minute, monkeypatch, caplog
):
    minute()  # the control: it was trusted
    ChatMessage.objects.filter(automatic=True).update(delivery=Delivery.PENDING, delivered_at=None)
    monkeypatch.delenv("SSL_CERT_FILE")
    minute()
    assert len(tls_relay.handler.received) == 1
    assert ChatMessage.objects.get(automatic=True).delivery == Delivery.PENDING  # nothing is lost
    assert HER not in caplog.text


def test_a_mailbox_with_a_certificate_for_another_name_is_not_read(by_tls, tls_dovecot, tls_relay, minute, monkeypatch):
    at(monkeypatch, "127.0.0.1", tls_dovecot, tls_relay)
    minute()
    assert (tls_dovecot.count(), Chat.objects.count()) == (1, 0)
    at(monkeypatch, "localhost", tls_dovecot, tls_relay)  # the control
    minute()
    assert (tls_dovecot.count(), Chat.objects.count()) == (0, 1)


def test_a_relay_without_tls_is_told_no_password(by_tls, relay, minute, monkeypatch):
    """`relay` answers in clear. On the network that is refused."""
    monkeypatch.setenv("AMPARO_EMAIL_SMTP", f"smtp://localhost:{relay.port}")
    minute()
    assert relay.handler.received == []
    assert ChatMessage.objects.get(automatic=True).delivery == Delivery.PENDING
    monkeypatch.setattr(settings, "is_this_machine", lambda host: True)  # the control
    minute()
    assert len(relay.handler.received) == 1
