"""Disclosures without consent are reviewed within a day: supervisors have a list, and see late ones on the console."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.models import REVIEWED_WITHIN
from amparo.care.consent.picklists import OverrideGround
from amparo.care.consent.rules import review_basis
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.screens.desk.other_work import other_work

FACTS = "hechos inventados"


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["language"] = "en"
    session.save()
    return client


@pytest.fixture
def person(case):
    return case.persons.get(part="at_risk")


@pytest.fixture
def decide(person, ana, now):
    def decide(ago: timedelta):
        return consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, FACTS, by=ana, now=now - ago)

    return decide


def on_the_console_of(user, now) -> list[str]:
    with acting_as(user.acting()):
        return other_work(user, now).late_reviews


def test_a_supervisor_sees_what_waits_the_oldest_first_and_the_late_marked(case, person, decide, marta):
    decide(timedelta(hours=1))
    page = at(marta).get("/bases").content.decode()
    assert (page.count(case.code), "late</span>" in page) == (1, False)
    decide(timedelta(hours=30))
    page = at(marta).get("/bases").content.decode()
    assert page.count(f"/cases/{case.pk}/people/{person.pk}/consent") == 2
    assert page.count("late</span>") == 1
    assert page.index("late</span>") < page.rindex(case.code)
    assert FACTS not in page


def test_the_reason_leads_to_the_review_that_was_pressed(case, person, decide, marta):
    decide(timedelta(hours=1))
    client, page = at(marta), f"/cases/{case.pk}"
    where = f"{page}/people/{person.pk}/consent?review"
    assert f'href="{where}"' in client.get("/bases").content.decode()
    assert f'name="next" value="{where}"' in client.get(where).content.decode()
    given = {"purpose": "review"}
    for elsewhere in ("https://example.org/", "//example.org/", "nonsense"):
        assert client.post(f"{page}/open", given | {"next": elsewhere}).headers["Location"] == page
    assert client.post(f"{page}/open", given | {"next": where}).headers["Location"] == where
    shown = client.get(where).content.decode()
    assert (shown.count('tabindex="-1" autofocus><b>'), shown.count("/review")) == (1, 1)


def test_who_decided_reads_that_another_supervisor_reviews_it(person, marta, now):
    nelly = User.objects.create(username="nelly", role=Role.SUPERVISOR)
    consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, FACTS, by=marta, now=now)
    assert "another supervisor reviews it" in at(marta).get("/bases").content.decode()
    assert "another supervisor reviews it" not in at(nelly).get("/bases").content.decode()


def test_a_decision_leads_back_to_what_is_still_to_review_and_to_the_next_one(case, person, decide, marta):
    first, second = decide(timedelta(hours=3)), decide(timedelta(hours=2))
    client, page = at(marta), f"/cases/{case.pk}"
    client.post(f"{page}/open", {"purpose": "review"})
    for basis, waits in ((first, True), (second, False)):
        answer = client.post(f"{page}/bases/{basis.pk}/review", {"stands": "yes"})
        assert answer.headers["Location"] == "/bases?reviewed"
        shown = client.get("/bases?reviewed").content.decode()
        assert "The review is recorded." in shown
        assert ('?review" autofocus>' in shown, 'tabindex="-1" autofocus>' in shown) == (waits, not waits)
    assert "autofocus" not in client.get("/bases").content.decode()


def test_reviewed_it_waits_no_longer(case, decide, marta, now):
    basis = decide(timedelta(hours=30))
    assert on_the_console_of(marta, now) == [case.code]
    review_basis(basis, stands=True, by=marta, now=now)
    assert on_the_console_of(marta, now) == []
    assert "Nothing waits" in at(marta).get("/bases").content.decode()


def test_late_is_after_a_day(case, decide, marta, now):
    decide(REVIEWED_WITHIN - timedelta(seconds=1))
    assert on_the_console_of(marta, now) == []
    assert on_the_console_of(marta, now + timedelta(seconds=1)) == [case.code]


def test_the_console_of_a_supervisor_names_the_case_and_no_more(case, person, decide, marta):
    decide(timedelta(hours=30))
    shown = at(marta).get("/console/queue").content.decode()
    assert case.code in shown
    assert person.code_name not in shown
    assert FACTS not in shown


def test_it_is_for_supervisors_alone(case, decide, ana, now):
    decide(timedelta(hours=30))
    assert on_the_console_of(ana, now) == []
    assert at(ana).get("/bases").status_code == 404
    assert "Review reasons to tell" not in at(ana).get("/console/queue").content.decode()
