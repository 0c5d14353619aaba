from datetime import datetime, timedelta

import pytest

from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, open_case
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def tomorrow(now) -> datetime:
    return now + timedelta(days=1)


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
