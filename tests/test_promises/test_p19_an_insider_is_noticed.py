"""P19: An insider who reads on is noticed before the 30th file, at any pace from one an hour, and one who touches a
canary within a minute; another agency hears of it.
"""

import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.audit import sealer as sealing
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import append
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import KEY, sealing_role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.oversight import canaries
from amparo.foundation.oversight.models import Alert
from tests.hotline import beside_the_test

from .access import agency, colleague, contact_of

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
BEFORE = 30  # files: what the threat model allows an insider


@pytest.fixture
def others() -> list[User]:
    """Who watches at two other institutions."""
    return [
        colleague("vera", Role.AUDITOR, agency(Kind.MINISTRY)),
        colleague("tomas", Role.ADMINISTRATOR, agency(Kind.NGO)),
    ]


@pytest.fixture
def insider(others) -> User:
    return colleague("marta", Role.SUPERVISOR)


def reads(insider: User, per_hour: float) -> int:
    """One file after the other, each sealed as it comes; how many until somebody was told, or all."""
    with sealing_role() as link:
        sealer = Sealer(link, [], KEY)
        for n in range(BEFORE):
            Entry.objects.create(
                at=START + n * timedelta(hours=1 / per_hour), user_id=insider.pk, agency_id=insider.agency_id,
                role="hotline/supervisor", purpose="review", what="open_file", about=f"contact {uuid.uuid4()}",
                key=uuid.uuid4(), fields=[],
            )  # fmt: skip
            sealer.seal()
            if Alert.objects.exists():
                return n + 1
    return BEFORE


@pytest.mark.parametrize("per_hour", [1, 5, 20])
def test_reading_on_is_noticed(insider, per_hour):
    assert reads(insider, per_hour) < BEFORE
    assert [alert.about for alert in Alert.objects.all()] == [insider]
    assert insider.agency not in [alert.to_agency for alert in Alert.objects.all()]


def test_without_the_watch_nobody_would_notice(insider, monkeypatch):
    """The control: a sealer that lets nobody see what it seals."""
    monkeypatch.setattr(sealing, "WATCH", "select %s::text, %s::bigint[]")
    assert reads(insider, 20) == BEFORE
    assert not Alert.objects.exists()


def test_three_files_a_day_are_not_noticed(insider):
    """This is what the limit cannot notice, and the threat model says so."""
    assert reads(insider, 3 / 24) == BEFORE
    assert not Alert.objects.exists()


def test_a_canary_is_told_of_at_two_agencies_within_a_minute(insider, others):
    """By the process that seals, as it runs."""
    contact = contact_of(colleague("ana"), notes="made up")
    canaries.mark_canaries([contact.key_id], is_canary=True)
    process = subprocess.Popen([sys.executable, "-m", "amparo", "sealer"], env=beside_the_test())
    try:
        with acting_as(insider.acting()):
            append("look", f"contact {contact.pk}", ["notes"], key=contact.key_id)
        end = time.monotonic() + 60
        while not Alert.objects.exists():
            assert time.monotonic() < end
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    assert {alert.to_agency for alert in Alert.objects.all()} == {user.agency for user in others}
    assert {(alert.kind, alert.about) for alert in Alert.objects.all()} == {("canary", insider)}
