"""The home of an administrator says how the hotline is and whose account to look at; an auditor's, how the log is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import count_entries
from amparo.foundation.core.actor import acting_as
from amparo.screens.administration import rules
from amparo.screens.administration.part import GREEN, RED
from amparo.screens.home.home import Home
from amparo.screens.home.homes import home_of

NOW, DAY = timezone.now(), timedelta(days=1)


def home(user: User) -> Home:
    with acting_as(user.acting()):
        return home_of(user, NOW)


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/home?language=en").content.decode()


@pytest.fixture
def adela(db) -> User:
    return User.objects.create(username="adela", first_name="Adela B.", role=Role.ADMINISTRATOR, is_invented=True)


@pytest.fixture
def vera(db) -> User:
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    return User.objects.create(username="vera", first_name="Vera T.", role=Role.AUDITOR, agency=ministry)


def test_an_administrator_sees_each_part_as_on_the_page_of_the_installation(adela):
    text = page(adela)  # neither switchboard nor worker runs in this test
    with acting_as(adela.acting()):
        parts = rules.parts(NOW)
    assert [part.name for part in home(adela).parts] == [part.name for part in parts]
    assert "How it is" in text
    assert "The switchboard is away for a moment." in text
    red = [part for part in parts if part.light == RED]
    assert len(red) == 3
    assert [row.address for row in home(adela).rows[:3]] == ["/installation"] * 3
    number = home(adela).numbers[2]
    assert (number.value, number.tone) == (len([it for it in parts if it.light != GREEN]), "danger")


def test_only_the_hotlines_administrator_sees_how_the_machine_is(adela):
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    iris = User.objects.create(username="iris", role=Role.ADMINISTRATOR, agency=ministry)
    assert home(iris).parts == []
    assert "How it is" not in page(iris)


def test_an_account_that_nobody_uses_and_a_missing_second_way_wait_for_the_administrator(adela):
    people = {
        name: User.objects.create(username=name, first_name=name.title(), date_joined=NOW - 99 * DAY, last_login=login)
        for name, login in (("left", NOW - 61 * DAY), ("here", NOW - 59 * DAY), ("never", None))
    }
    two = User.objects.create(username="two", first_name="Two Keys", last_login=NOW)
    for number in (1, 2):
        Authenticator.objects.create(user=two, type=Authenticator.Type.WEBAUTHN, data={"number": number})
    Authenticator.objects.create(user=people["here"], type=Authenticator.Type.WEBAUTHN, data={})
    found = home(adela)
    titles = [row.title for row in found.rows]
    unused = [title for title in titles if title.startswith("¿")]
    assert [name in " ".join(unused) for name in ("Left", "Never", "Here", "Two Keys")] == [True, True, False, False]
    [second] = [row.why for row in found.rows if row.icon == "key"]
    assert second == "Here, Left, Never"
    assert [number.value for number in found.numbers[:2]] == [2, 3]
    User.objects.filter(pk=people["left"].pk).update(is_active=False)
    assert [number.value for number in home(adela).numbers[:2]] == [1, 2], "it is locked"


def test_an_auditor_sees_the_seal_and_how_much_is_written(vera):
    before = home(vera)
    entries = [
        Entry(at=at, user_id=vera.pk, agency_id=vera.agency_id, role="ministry/auditor", what="look",
              about=f"contact {uuid4()}", fields=[])
        for at in (NOW, NOW - 3 * DAY, NOW - 9 * DAY)
    ]  # fmt: skip
    Entry.objects.bulk_create(entries)
    found = home(vera)
    more = [after.value - earlier.value for after, earlier in zip(found.numbers, before.numbers, strict=True)]
    assert more == [0, 1, 2]
    assert "The sealing is late" in page(vera)  # no sealer runs in this test


def test_nobody_but_an_auditor_counts_entries(vera, adela):
    Entry.objects.create(at=NOW, user_id=adela.pk, agency_id=adela.agency_id, role="hotline/administrator", what="look",
                         about=f"contact {uuid4()}", fields=[], number=2**40, hash=b"invented")  # fmt: skip
    counts = []
    for user in (adela, vera):
        with acting_as(user.acting()):
            found = count_entries(NOW - DAY, NOW - 90 * DAY)
        counts.append((found.today > 0, found.week > 0, found.sealed))
    assert counts == [(False, False, 0), (True, True, 2**40)]
