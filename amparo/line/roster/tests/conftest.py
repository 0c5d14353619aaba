import pytest

from amparo.foundation.access.models import Role, User


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def rufino(db) -> User:
    return User.objects.create(username="rufino", first_name="Rufino E.")


@pytest.fixture
def marta(db) -> User:
    return User.objects.create(username="marta", first_name="Marta Q.", role=Role.SUPERVISOR)
