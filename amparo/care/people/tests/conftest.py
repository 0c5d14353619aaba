import pytest

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as, role_holder
from amparo.foundation.vault.models import DataKey


@pytest.fixture
def file_of(db):
    """The key of a new file that this person holds."""

    def file_of(user: User) -> DataKey:
        holders = user.acting().holders[0], role_holder(user.agency_id, Role.SUPERVISOR)
        with acting_as(user.acting()):
            return DataKey.objects.make(*holders, agency=user.agency_id, kind="case")

    return file_of


@pytest.fixture
def person(ana, file_of, now) -> Person:
    return add_person(file_of(ana), Part.AT_RISK, by=ana, now=now)
