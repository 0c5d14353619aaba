"""A wrong setting of e-mail ends the start with one sentence that names it."""

import pytest

from amparo.foundation.core.refusal import Misconfigured
from amparo.line.channels.email import settings
from amparo.line.channels.email.settings import Server
from amparo.line.channels.rules import all_channels


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "no address"),
        ("", "Ana <ayuda@linea.example>"),
        ("_PASSWORD", ""),
        ("_IMAP", ""),
        ("_IMAP", "mail.linea.example"),
        ("_IMAP", "https://mail.linea.example"),
        ("_IMAP", "imaps://mail.linea.example:99999"),
        ("_IMAP", "imaps://ayuda:secret@mail.linea.example"),
        ("_IMAP", "imap://mail.linea.example"),  # the password would travel in clear
        ("_SMTP", ""),
        ("_SMTP", "imaps://mail.linea.example"),
    ],
)
def test_an_unusable_setting_is_named_in_one_sentence(monkeypatch, name, value):
    monkeypatch.setenv(f"AMPARO_EMAIL{name}", value)
    [email] = [channel for channel in all_channels() if channel.name == "email"]
    with pytest.raises(Misconfigured) as refused:
        email.read_settings()
    assert f"AMPARO_EMAIL{name}" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_incomplete_settings_are_refused(monkeypatch):
    monkeypatch.delenv("AMPARO_EMAIL")
    with pytest.raises(Misconfigured, match="without AMPARO_EMAIL"):
        settings.read_settings()


def test_without_settings_the_line_has_no_email(monkeypatch):
    for name in ("", "_IMAP", "_SMTP", "_PASSWORD"):
        monkeypatch.delenv(f"AMPARO_EMAIL{name}")
    assert settings.read_settings() is None


def test_ports_and_tls_follow_the_scheme(monkeypatch):
    monkeypatch.setenv("AMPARO_EMAIL_IMAP", "imaps://mail.linea.example")
    monkeypatch.setenv("AMPARO_EMAIL_SMTP", "smtps://mail.linea.example:2465")
    read = settings.read_settings()
    assert read.imap == Server("mail.linea.example", 993, True)
    assert read.smtp == Server("mail.linea.example", 2465, True)
    assert "secret" not in repr(read)
