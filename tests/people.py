"""Fixtures of all rooms: the invented people who work on the line, and the time.

A room whose people differ (another time, an Ana who is at work) has fixtures of the same names in its conftest.py.
"""

from datetime import datetime

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def rufino(db: None) -> User:
    """Another operator."""
    return User.objects.create(username="rufino", first_name="Rufino E.")


@pytest.fixture
def marta(db: None) -> User:
    return User.objects.create(username="marta", first_name="Marta Q.", role=Role.SUPERVISOR)


@pytest.fixture
def ines(db: None) -> User:
    return User.objects.create(username="ines", first_name="Inés R.", role=Role.CASE_WORKER)


@pytest.fixture
def paula(db: None) -> User:
    return User.objects.create(username="paula", first_name="Paula N.", role=Role.PUBLISHER)


@pytest.fixture
def outsider(db: None) -> User:
    """Works here, and follows no cases."""
    return User.objects.create(username="vera", role=Role.AUDITOR)


@pytest.fixture
def stranger(db: None) -> User:
    """A staff member without a hotline role."""
    return User.objects.create(username="stranger", role=Role.ADMINISTRATOR)


@pytest.fixture
def unit(db: None) -> Agency:
    return Agency.objects.create(name="Invented unit", kind=Kind.POLICE)


@pytest.fixture
def teo(unit: Agency) -> User:
    """A liaison of the unit."""
    return User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)


@pytest.fixture
def bruno(db: None) -> User:
    return User.objects.create(username="bruno", first_name="Bruno S.", role=Role.PUBLISHER)


@pytest.fixture
def carla(db: None) -> User:
    """The campaign officer."""
    return User.objects.create(username="carla", first_name="Carla D.", role=Role.CAMPAIGN_OFFICER)


@pytest.fixture
def ministry(db: None) -> Agency:
    return Agency.objects.create(name="Ministerio inventado", kind=Kind.MINISTRY)


@pytest.fixture
def pilar(ministry: Agency) -> User:
    """The plan coordinator, of a ministry."""
    return User.objects.create(username="pilar", first_name="Pilar G.", role=Role.PLAN_COORDINATOR, agency=ministry)
