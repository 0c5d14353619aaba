"""An actor, the application's own role, and a sealer with two witnesses, all on the real database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.witnesses import Witness
from amparo.foundation.core import live
from amparo.foundation.core.actor import Actor, acting_as

KEY = Ed25519PrivateKey.generate()


def acting(user: int = 7, role: str = "hotline/operator", purpose: str = "call") -> AbstractContextManager[None]:
    return acting_as(Actor(user, 1, role, purpose))


@pytest.fixture
def witnesses(tmp_path: Path) -> list[Witness]:
    folders = [tmp_path / "ministry", tmp_path / "ngo"]
    for folder in folders:
        folder.mkdir()
    return [Witness(folder) for folder in folders]


@pytest.fixture
def sealer(transactional_db: None, witnesses: list[Witness]) -> Iterator[Sealer]:
    with sealing_role() as link:
        yield Sealer(link, witnesses, KEY)


@contextmanager
def sealing_role() -> Iterator[psycopg.Connection]:
    with psycopg.connect(live.conninfo(), autocommit=True) as link:
        link.execute(f"set role {link.info.dbname}_sealer")
        yield link
