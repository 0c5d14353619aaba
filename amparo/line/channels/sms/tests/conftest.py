from collections.abc import Iterator

import pytest

from .. import smpp
from .centre import MessageCentre

HER = "51900000123"
WORDS = "palabras inventadas"


@pytest.fixture
def centre() -> Iterator[MessageCentre]:
    server = MessageCentre()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def line(monkeypatch, centre) -> None:
    """A line with text messages."""
    for name, value in {
        "": f"smpp://127.0.0.1:{centre.port}", "_NUMBER": "1818", "_USER": "amparo", "_PASSWORD": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AMPARO_SMS{name}", value)
    monkeypatch.setattr(smpp, "QUIET", 0.2)
