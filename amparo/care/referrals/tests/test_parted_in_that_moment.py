"""A provider link ends while a person is referred: nothing stays open by that."""

import pytest

from amparo.care.referrals.models import ProgramShare, Referral
from amparo.care.referrals.program_shares import link_provider, unlink_provider
from amparo.care.referrals.rules import refer
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from tests.in_that_moment import second_while

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program(db) -> User:
    agency = Agency.objects.create(name="Inventada", kind=Kind.NGO)
    return User.objects.create(username="programa", role=Role.SERVICE_LIAISON, agency=agency)


@pytest.fixture
def doing(service, program, permits, person, marta, ana, now):
    """Refer the person, and end the provider link: each on its own connection."""
    permits()
    joined = link_provider(service.organization, program.agency, by=marta, now=now)
    return (
        lambda: refer(person, service, facts="invented", by=ana, now=now),
        lambda: unlink_provider(joined, by=marta, now=now),
    )


def reads(program: User) -> bool:
    with acting_as(program.acting()):
        return Referral.objects.exists()


def test_what_is_asked_meanwhile_is_handed_to_nobody(doing, program):
    refers, parts = doing
    second_while(parts, refers)
    assert (Referral.objects.count(), ProgramShare.objects.count(), reads(program)) == (1, 0, False)


def test_what_was_asked_a_moment_before_is_taken_away(doing, program):
    refers, parts = doing
    second_while(refers, parts)
    assert (ProgramShare.objects.count(), reads(program)) == (1, False)
