from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from amparo.care.directory.models import Organization, Schedule, Service, ServiceArea
from amparo.foundation.access.models import Role, User

ALL_DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@pytest.fixture
def now() -> datetime:
    """A Wednesday at 20:00 in Lima."""
    return datetime(2026, 11, 25, 20, tzinfo=ZoneInfo("America/Lima"))


@pytest.fixture
def delia(db) -> User:
    return User.objects.create(username="delia", first_name="Delia O.", role=Role.DIRECTORY_EDITOR)


@pytest.fixture
def organization(db) -> Organization:
    return Organization.objects.create(name="Organización de Ejemplo", description="inventada", trust="vetted")


@pytest.fixture
def offer(organization, now):
    """A service that accepts girls and women in Madre de Dios at all hours, unless other values are given."""

    def offer(name="Servicio de Ejemplo", areas=("17",), hours=((ALL_DAYS, time(0), time(0)),), **known) -> Service:
        usual = {
            "accepts": ["women", "girls"],
            "languages": ["es", "qu"],
            "verified_at": now,
            "organization": organization,
        }
        service = Service.objects.create(name=name, **usual | known)
        for ubigeo in areas:
            ServiceArea.objects.create(service=service, ubigeo=ubigeo)
        for days, opens, closes in hours:
            Schedule.objects.create(service=service, byday=days, opens_at=opens, closes_at=closes)
        return service

    return offer
