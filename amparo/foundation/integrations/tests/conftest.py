"""A police unit, its administrator, and a program of theirs that receives webhooks: a real server, with a
certificate.
"""

from collections.abc import Iterator

import pytest
from django.utils import translation

from amparo.foundation.access.models import Agency, Kind, Role, User

from .peer import Peer, peer


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def unit(db) -> Agency:
    return Agency.objects.create(name="Comisaría inventada", kind=Kind.POLICE)


@pytest.fixture
def rita(unit) -> User:
    return User.objects.create(username="rita", first_name="Rita A.", role=Role.ADMINISTRATOR, agency=unit)


@pytest.fixture
def stranger(db) -> User:
    """The administrator of another unit."""
    other = Agency.objects.create(name="Otra comisaría inventada", kind=Kind.POLICE)
    return User.objects.create(username="otto", role=Role.ADMINISTRATOR, agency=other)


@pytest.fixture
def listening(tmp_path, monkeypatch) -> Iterator[Peer]:
    """An HTTPS server. Its certificate comes from an authority that this test made, trusted while the server runs."""
    with peer(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running
