from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.care.screening.models import Recognition
from amparo.foundation.access.models import Role, User
from tests.test_promises.access import agency, colleague, contact_of
from tests.test_promises.planting import Planted, plant_case

WORDS = {
    "name": "Zorzalinda Quispealta", "number": "+51900778001", "address": "Jirón Quebracho Hondo 1",
    "words": "palabras inventadas de nadie",
}  # fmt: skip


@pytest.fixture
def now() -> datetime:
    return timezone.now() + timedelta(minutes=1)


@pytest.fixture
def ana(db) -> User:
    return colleague("ana")


@pytest.fixture
def marta(db) -> User:
    return colleague("marta", Role.SUPERVISOR)


@pytest.fixture
def planted(ana) -> Planted:
    liaison = colleague("teo", Role.POLICE_LIAISON, agency("police"))
    planted = plant_case(contact_of(ana), WORDS.__getitem__, by=ana, liaison=liaison)
    Recognition.objects.all().delete()  # a decision would override what is signed here
    return planted
