"""One real hotline with secrets of every kind: its processes and its files are looked at from outside."""

from collections.abc import Iterator

import pytest

from tests.hotline import Hotline, hotline
from tests.ports import free_port

PLANTED = {
    "AMPARO_TRUNK_SECRET": "planted-of-the-trunk",
    "AMPARO_EMAIL_PASSWORD": "planted-of-the-mailbox",
    "AMPARO_SMS_SECRET": "whsec_cGxhbnRlZCwgb2YgdGhlIGdhdGV3YXkh",
    "AMPARO_WHATSAPP_TOKEN": "planted-of-whatsapp-token",
    "AMPARO_WHATSAPP_SECRET": "planted-of-whatsapp-secret",
    "AMPARO_WHATSAPP_VERIFY": "planted-of-whatsapp-verify",
    "SOMETHING_ELSE": "planted-by-nobody-we-know",
}
CHANNELS = {
    "AMPARO_EMAIL": "ayuda@line.example",
    "AMPARO_SMS": "https://gateway.example/messages",
    "AMPARO_WHATSAPP": "1234567890",
}


@pytest.fixture(scope="package")
def line() -> Iterator[Hotline]:
    servers = {f"AMPARO_EMAIL_{kind}": f"{kind.lower()}://127.0.0.1:{free_port()}" for kind in ("IMAP", "SMTP")}
    with hotline(**CHANNELS, **servers, **PLANTED) as running:
        yield running
