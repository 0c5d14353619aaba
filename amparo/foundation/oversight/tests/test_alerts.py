"""Who receives an alert, what it says and does not say, and how it is answered."""

import psycopg
import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import CHANNEL, conninfo
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.models import Alert
from amparo.foundation.oversight.rules import answer_alert

from .conftest import colleague, opens
from .test_the_reading_budget import HOUR


@pytest.fixture
def alert(sealer, marta, vera) -> Alert:
    opens(marta, 25, HOUR)
    sealer.seal()
    return Alert.objects.get()


@pytest.fixture
def own(sealer, marta) -> Alert:
    """About the only supervisor of the only agency."""
    opens(marta, 25, HOUR)
    sealer.seal()
    return Alert.objects.get()


def browser(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def seen_by(user) -> set[int]:
    """Every alert that a view without its filter would show."""
    with acting_as(user.acting()):
        return set(Alert.objects.values_list("pk", flat=True))


def test_the_page_says_who_and_when_and_not_which_file(alert, vera, marta):
    page = browser(vera).get("/alerts?language=en", follow=True).content.decode()
    assert "<b>Marta</b>" in page
    assert "Opened 25 different files" in page
    assert not [e for e in Entry.objects.all() if str(e.key) in page or e.about in page]


def test_only_watchers_of_the_addressed_agency_see_an_alert(alert, marta, vera, tomas):
    operator = colleague("ana", Role.OPERATOR)
    other = colleague("rosa", Role.CASE_WORKER, vera.agency)
    assert {user.username for user in (marta, vera, tomas, operator, other) if seen_by(user)} == {"vera"}
    for user in (marta, tomas):
        assert "Marta</b>" not in browser(user).get("/alerts").content.decode()
        assert browser(user).post(f"/alerts/{alert.pk}/answer", {"answer": "talked"}).status_code == 404


def test_the_person_concerned_never_sees_their_alert_or_its_count(own, marta):
    assert seen_by(marta) == set()
    page = browser(marta).get("/alerts?language=en", follow=True).content.decode()
    assert "Nothing pending." in page
    assert "data-solid" not in page
    assert {*Alert.objects.visible_to(colleague("pilar", Role.ADMINISTRATOR))} == {own}
    own.answer, own.answered_at, own.answered_by = "talked", timezone.now(), marta
    with pytest.raises(IntegrityError):
        own.save()


def test_the_queryset_and_the_row_policy_agree(alert, marta, vera, tomas):
    for user in (marta, vera, tomas, colleague("pilar", Role.ADMINISTRATOR), colleague("ana", Role.OPERATOR)):
        assert set(Alert.objects.visible_to(user).values_list("pk", flat=True)) == seen_by(user)


def test_an_alert_is_answered_once_and_the_answer_is_logged(alert, vera):
    desk = browser(vera)
    assert desk.post(f"/alerts/{alert.pk}/answer", {"answer": "talked"}).status_code == 302
    desk.post(f"/alerts/{alert.pk}/answer", {"answer": "explained"})
    alert.refresh_from_db()
    assert (alert.answer, alert.answered_by) == ("talked", vera)
    assert Entry.objects.filter(what="answer_alert", about=f"alert {alert.pk}", user_id=vera.pk).exists()
    assert "Nothing pending." in desk.get("/alerts?language=en", follow=True).content.decode()


def test_an_answer_is_one_of_the_list(alert, vera):
    assert browser(vera).post(f"/alerts/{alert.pk}/answer", {"answer": "x"}).status_code == 409
    with pytest.raises(Refused):
        answer_alert(alert, "x", by=vera, now=timezone.now())


def test_only_watchers_of_the_addressed_agency_answer_an_alert(alert, marta, tomas):
    for user in (marta, tomas, colleague("ana", Role.OPERATOR)):
        with pytest.raises(Refused):
            answer_alert(alert, "talked", by=user, now=timezone.now())


def test_the_bar_of_every_page_says_how_many_wait(alert, vera):
    bar = browser(vera).get("/alerts/bar").content.decode()
    assert ">1<" in bar
    assert bar.strip() in browser(vera).get("/me").content.decode()


def test_open_pages_are_notified_after_the_commit(sealer, marta, vera):
    with psycopg.connect(conninfo(), autocommit=True) as link:
        link.execute(f"listen {CHANNEL}")
        opens(marta, 25, HOUR)
        sealer.seal()
        notes = [n.payload for n in link.notifies(timeout=10, stop_after=1)]
    assert notes == [f"alert {Alert.objects.get().pk}"]


@pytest.mark.parametrize("process", ["web", "worker", "switchboard", "site"])
def test_no_process_raises_an_alert_or_takes_one_away(alert, process):
    with connection.cursor() as cursor:
        for statement in (
            "select audit.watch(array[1])", "select oversight.raise_alert('canary', 1, now(), 2)",
            "delete from oversight_alert", "update oversight_alert set at = now()",
            "insert into oversight_alert (kind, about_id, at, to_agency_id, answer) values ('budget', 1, now(), 1, '')",
        ):  # fmt: skip
            cursor.execute(f"set role {connection.settings_dict['NAME']}_{process}")
            with pytest.raises(Exception, match="permission denied"):
                cursor.execute(statement)
            cursor.execute("reset role")
