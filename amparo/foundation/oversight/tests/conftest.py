"""Several institutions, and a sealer that sees what their people did."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import KEY, sealing_role

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def sealer(transactional_db: None) -> Iterator[Sealer]:
    with sealing_role() as link:
        yield Sealer(link, [], KEY)


def colleague(name: str, role: Role, agency: Agency | None = None) -> User:
    return User.objects.create(
        username=name, first_name=name.title(), role=role, is_invented=True,
        **({"agency": agency} if agency else {}),
    )  # fmt: skip


def agency(kind: Kind) -> Agency:
    return Agency.objects.create(name=f"Invented {kind}", kind=kind, is_invented=True)


@pytest.fixture
def marta(sealer) -> User:
    """A supervisor of the hotline who reads more than she needs."""
    return colleague("marta", Role.SUPERVISOR)


@pytest.fixture
def vera(marta) -> User:
    return colleague("vera", Role.AUDITOR, agency(Kind.MINISTRY))


@pytest.fixture
def tomas(vera) -> User:
    return colleague("tomas", Role.ADMINISTRATOR, agency(Kind.NGO))


def opens(user: User, files: int | list[UUID], every: timedelta, start: datetime = START) -> list[Entry]:
    """Ledger entries of a person who gives a reason and opens one file after the other."""
    keys = [uuid4() for _ in range(files)] if isinstance(files, int) else files
    return Entry.objects.bulk_create(
        Entry(
            at=start + n * every, user_id=user.pk, agency_id=user.agency_id, role=f"{user.agency.kind}/{user.role}",
            purpose="review", what="open_file", about=f"contact {uuid4()}", key=key, fields=[],
        )
        for n, key in enumerate(keys)
    )  # fmt: skip
