"""The pages lose no known age, and another record of the same human never turns a child into an adult."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.picklists import Data, Decision, InformedItem, Recipient
from amparo.care.consent.rules import ruling_on
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person


@pytest.fixture
def browser(ana) -> Client:
    browser = Client()
    browser.force_login(ana)
    return browser


@pytest.fixture
def herself(case, ana, now) -> Person:
    known = {"age_at_events": 15, "age_certainty": "sure"}
    return describe_person(case.persons.get(part=Part.AT_RISK), **known, by=ana, now=now)


@pytest.fixture
def caller(case) -> Person:
    return case.persons.get(part=Part.CALLER)


@pytest.mark.parametrize(("years", "certainty"), [(15, "sure"), (16, "estimated")])
def test_asked_again_where_one_ticks_it_stays_as_sure_as_it_was(case, herself, browser, years, certainty):
    where = f"/cases/{case.pk}/people/{herself.pk}/age"
    assert browser.post(where, {"age_at_events": years, "based_on": herself.version}).status_code == 302
    herself.refresh_from_db()
    assert (herself.age_at_events, herself.age_certainty) == (years, certainty)


def test_somebody_new_comes_with_an_age_of_today(case, browser):
    assert browser.post(f"/cases/{case.pk}/people", {"part": Part.AT_RISK, "age_now": "20"}).status_code == 302
    assert case.persons.get(age_now=20).years_now == 20


def test_the_same_human_is_said_on_one_page_and_what_is_typed_stays(case, herself, caller, browser):
    where = f"/cases/{case.pk}/people"
    assert 'name="same_human_as"' not in browser.get(f"{where}/{herself.pk}").content.decode()
    typed = {"same_human_as": herself.pk, "remarks": "invented words", "based_on": 0}
    assert browser.post(f"{where}/{caller.pk}", typed).status_code == 302
    other = Person.objects.create(
        key=case.key, part=Part.CALLER, made_at=herself.made_at, made_by=herself.made_by
    )  # fmt: skip
    answer = browser.post(f"{where}/{other.pk}", typed)
    assert (answer.status_code, "invented words" in answer.content.decode()) == (422, True)
    for page in ("", "/consent", "/screening", "/report"):
        assert browser.get(f"{where}/{herself.pk}{page}").status_code == 200


@pytest.mark.parametrize(("guardian", "ruling"), [("", Decision.FORBID), ("consents", Decision.ALLOW)])
def test_what_a_child_agreed_to_as_who_called_is_no_grown_up_s(case, herself, caller, ana, now, guardian, ruling):
    """The consent was recorded before anybody knew that the person is a child."""
    describe_person(herself, age_at_events=None, age_certainty="", by=ana, now=now)
    caller = describe_person(caller, age_at_events=30, age_certainty="sure", same_human_as=herself, by=ana, now=now)
    consents.record_consent_in_case(
        caller,
        data=[Data.INCIDENT_FACTS],
        recipients=[Recipient.SERVICE_PROVIDER],
        purpose="invented",
        informed=list(InformedItem.values),
        given_how="voice",
        guardian=guardian,
        expires_at=now + timedelta(days=30),
        by=ana,
        now=now,
    )
    for group, expected in (("", Decision.ALLOW), ("child", ruling)):
        herself = describe_person(Person.objects.get(pk=herself.pk), age_group=group, by=ana, now=now)
        assert (
            ruling_on(herself, RecipientScope(Recipient.SERVICE_PROVIDER), Data.INCIDENT_FACTS, now=now)[0] == expected
        )
