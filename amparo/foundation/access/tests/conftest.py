"""People who sign in with a password, an authenticator app, and codes."""

import pytest
from django.test import Client

from ..models import Agency, Kind, Role, User
from .entering import PASSWORD


def person(username: str, role: Role = Role.OPERATOR, agency: Agency | None = None) -> User:
    user = User(username=username, first_name=username.title(), role=role)
    if agency:
        user.agency = agency
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def rosa(db: None) -> User:
    """An operator with a password and nothing else."""
    return person("rosa")


@pytest.fixture
def ngo(db: None) -> Agency:
    return Agency.objects.create(name="Casa de otra gente", kind=Kind.NGO)


@pytest.fixture
def pilar(db: None) -> User:
    """The hotline's administrator."""
    return person("pilar", Role.ADMINISTRATOR)


@pytest.fixture
def tomas(ngo: Agency) -> User:
    """The administrator of another agency."""
    return person("tomas", Role.ADMINISTRATOR, ngo)


@pytest.fixture
def browser() -> Client:
    return Client()
