"""The person, a witness, a tip: each has other rules, and only the caller can allow the caller's name."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person
from amparo.care.police_reports.models import Report, ReportDetail
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import report_to_police
from amparo.care.police_reports.source_rules import RULES
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

HER, CALLER, PLACE = "Inventada Demo", "Testigo Inventado", "170101"
SEEN = {"known_how": "seen"}
WITH_HER, WITH_CALLER = (
    {"details": {data: words}} for data, words in ((Data.SUBJECT_IDENTITY, HER), (Data.CALLER_IDENTITY, CALLER))
)


@pytest.fixture
def who_called(case, ana) -> Person:
    with acting_as(ana.acting()):
        return case.persons.get(part=Part.CALLER)


@pytest.fixture
def agree(ana, now):
    def agree(who: Person, *data: str):
        return consents.record_consent_in_case(
            who, data=list(data), recipients=[Recipient.POLICE], purpose="invented", informed=list(InformedItem.values),
            given_how="voice", guardian="consents", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip

    return agree


@pytest.fixture
def send(person, teo, agree, ana, now):
    """Send a report after the person agreed to the facts and the name."""
    agree(person, Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY)

    def send(source: Source, **more) -> Report:
        return report_to_police(person, teo.agency, facts="invented", source=source, by=ana, now=now, **more)

    return send


def at(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(User.objects.get(pk=user.pk))
    return client


@pytest.mark.parametrize(
    ("source", "more", "refused"),
    [(Source.VICTIM, {}, ""), (Source.VICTIM, WITH_HER, ""), (Source.WITNESS, {}, "seen or heard"),
     (Source.WITNESS, SEEN, ""), (Source.WITNESS, SEEN | WITH_HER, ""),
     (Source.WITNESS, SEEN | WITH_CALLER, "did not agree"),
     (Source.VICTIM, WITH_CALLER, "did not agree"), (Source.THIRD_PARTY, SEEN, "where it happens"),
     (Source.THIRD_PARTY, {"ubigeo": PLACE}, "seen or heard"), (Source.THIRD_PARTY, SEEN | {"ubigeo": PLACE}, ""),
     (Source.THIRD_PARTY, SEEN | {"ubigeo": PLACE} | WITH_HER, "names nobody"),
     (Source.THIRD_PARTY, SEEN | {"ubigeo": PLACE} | WITH_CALLER, "names nobody")],
)  # fmt: skip
def test_each_source_has_its_rule(send, source, more, refused):
    """Written by hand, not from the table."""
    if refused:
        with pytest.raises(Refused, match=refused):
            send(source, **more)
        assert not Report.objects.exists()
    else:
        assert send(source, **more).source == source


def test_the_person_herself_lived_through_it(send):
    assert send(Source.VICTIM, **SEEN).known_how == ""


def test_who_called_is_named_once_they_agreed_until_they_take_it_back(send, agree, who_called, teo, ana, now):
    agreed = agree(who_called, Data.CALLER_IDENTITY)
    report = send(Source.WITNESS, **SEEN, details={Data.SUBJECT_IDENTITY: HER, Data.CALLER_IDENTITY: CALLER})
    page, paper = f"/reports/{report.pk}", f"/reports/{report.pk}/pdf"
    with_caller = at(teo).get(paper).content
    text = at(teo).get(page).content.decode()
    assert (CALLER in text, HER in text, "Se vio" in text) == (True, True, True)
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    text = at(teo).get(page).content.decode()
    assert (CALLER in text, HER in text) == (False, True)
    assert at(teo).get(paper).content != with_caller
    with acting_as(teo.acting()):
        assert [it.data for it in ReportDetail.objects.all()] == [Data.SUBJECT_IDENTITY]


def test_her_own_consent_names_nobody_who_called(send, agree, who_called):
    agree(who_called, Data.INCIDENT_FACTS)
    with pytest.raises(Refused, match="did not agree"):
        send(Source.WITNESS, **SEEN, **WITH_CALLER)


def test_where_more_than_one_agreed_nobody_guesses_whose_name_it_is(send, agree, who_called, case, ana, now):
    other = add_person(case.key, Part.CALLER, by=ana, now=now)
    for each in (who_called, other):
        agree(each, Data.CALLER_IDENTITY)
    with pytest.raises(Refused, match="More than one"):
        send(Source.WITNESS, **SEEN, **WITH_CALLER)


def test_of_two_it_is_who_agreed_to_all_of_it(send, agree, who_called, case, ana, now):
    agree(who_called, Data.CALLER_IDENTITY)
    agreed = agree(add_person(case.key, Part.CALLER, by=ana, now=now), Data.CALLER_IDENTITY, Data.CALLER_CONTACT)
    of_two = {Data.CALLER_IDENTITY: CALLER, Data.CALLER_CONTACT: "+51 900 000 000"}
    assert {it.basis for it in send(Source.WITNESS, **SEEN, details=of_two).details} == {agreed.pk}


def test_who_is_named_and_who_is_to_be_reached_are_the_same(send, agree, who_called, case, ana, now):
    agree(who_called, Data.CALLER_IDENTITY)
    agree(add_person(case.key, Part.CALLER, by=ana, now=now), Data.CALLER_CONTACT)
    of_two = {Data.CALLER_IDENTITY: CALLER, Data.CALLER_CONTACT: "+51 900 000 000"}
    with pytest.raises(Refused, match="did not agree"):
        send(Source.WITNESS, **SEEN, details=of_two)
    agree(who_called, Data.CALLER_CONTACT)
    assert {it.data for it in send(Source.WITNESS, **SEEN, details=of_two).details} == set(of_two)


def test_the_page_says_the_three_rules_and_refuses_in_one_sentence(send, person, case, teo, ana):
    where, typed = f"/cases/{case.pk}/people/{person.pk}/report", {"unit": teo.agency_id, "facts": "invented"}
    text = at(ana).get(where).content.decode()
    assert text.count("<li>") >= len(RULES) == 3
    assert all(word in text for word in ("La persona misma:", "Una alerta:", "indique cuál de las dos cosas"))
    answer = at(ana).post(where, typed | {"source": "third_party", "ubigeo": PLACE})
    assert (answer.status_code, "Indique si se vio o se oyó." in answer.content.decode()) == (422, True)
