from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, open_case
from amparo.foundation.access.models import Role, User
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def tomorrow(now) -> datetime:
    return now + timedelta(days=1)


@pytest.fixture
def ana(db) -> User:
    return User.objects.create(username="ana", first_name="Ana F.")


@pytest.fixture
def ines(db) -> User:
    return User.objects.create(username="ines", first_name="Inés R.", role=Role.CASE_WORKER)


@pytest.fixture
def marta(db) -> User:
    return User.objects.create(username="marta", first_name="Marta Q.", role=Role.SUPERVISOR)


@pytest.fixture
def stranger(db) -> User:
    """An operator who has nothing to do with it."""
    return User.objects.create(username="rufino", first_name="Rufino E.")


@pytest.fixture
def outsider(db) -> User:
    """Works here, and follows no cases."""
    return User.objects.create(username="vera", role=Role.AUDITOR)


@pytest.fixture
def contact(ana, now) -> Contact:
    call = Call.objects.create(
        arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk], language="qu", pseudonym=b"p" * 16
    )
    return open_contact(call, by=ana, now=now)


@pytest.fixture
def case(contact, ana, now) -> Case:
    return open_case(contact, by=ana, now=now)


@pytest.fixture
def team(case, ana, ines, now) -> Case:
    """Ana and Inés work on it."""
    add_member(case, ines, by=ana, now=now)
    return case


@pytest.fixture
def fresh(case):
    return lambda: Case.objects.get(pk=case.pk)
