"""A person may agree to one institution alone: that one may be told, and no other of its kind."""

import uuid
from dataclasses import replace

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.cases.tests import agreeing
from amparo.care.cases.tests.agreeing import post_consent
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.institutions import find_institution, institution_code, institutions_by_kind, scope_of
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, Decision, Guardian, Recipient
from amparo.care.consent.rules import basis_for, ruling_on
from amparo.care.consent.table import DisclosureRow, disclosure_table
from amparo.care.directory.models import Organization
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

FACTS, POLICE, CHILD = Data.INCIDENT_FACTS, Recipient.POLICE, Recipient.CHILD_PROTECTION


@pytest.fixture
def unit(db) -> Agency:
    Agency.objects.create(name="Invented unit elsewhere", kind=Kind.POLICE)
    return Agency.objects.create(name="Invented unit", kind=Kind.POLICE)


@pytest.fixture
def protectors(db) -> Organization:
    return Organization.objects.create(name="Protección de Ejemplo", description="inventada", recipient_kind=CHILD)


@pytest.fixture
def adult(case, ana, now) -> Person:
    return describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def agree(adult, ana, now):
    def agree(to: str, *data: str, person=adult, **more) -> Consent:
        return agreeing.agree(person, *(data or [FACTS]), to=to, by=ana, now=now, **more)

    return agree


def allowed(person: Person, whom: RecipientScope, now) -> bool:
    return ruling_on(person, whom, FACTS, now)[0] != Decision.FORBID


def named(row: Agency | Organization) -> tuple[str, str]:
    return institution_code(row), row.name


def ones(person: Person, now) -> list[DisclosureRow]:
    """Lines of single institutions."""
    return [it for it in disclosure_table(person, now) if it.recipient.codes]


def test_that_one_and_neither_another_nor_all_of_its_kind(adult, agree, unit, ana, now):
    agreed = agree(institution_code(unit))
    ones = [scope_of(it) for it in Agency.objects.filter(kind=Kind.POLICE)]
    assert {it for it in [RecipientScope(POLICE), *ones] if allowed(adult, it, now)} == {scope_of(unit)}
    assert not allowed(adult, replace(scope_of(unit), recipient=Recipient.PROSECUTOR), now)  # as another kind another
    assert basis_for(adult, scope_of(unit), FACTS, now).basis == (agreed.pk, agreed.expires_at)
    assert basis_for(adult, RecipientScope(POLICE), FACTS, now) is None
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    assert not allowed(adult, scope_of(unit), now)


def test_what_is_agreed_to_a_kind_holds_for_each_of_it(adult, agree, unit, now):
    agree(POLICE)
    assert all(allowed(adult, it, now) for it in (RecipientScope(POLICE), scope_of(unit)))


def test_one_that_is_told_as_something_else_since_is_not_the_one_she_agreed_to(adult, agree, protectors, now):
    agree(institution_code(protectors))
    Organization.objects.update(recipient_kind=Recipient.SERVICE_PROVIDER)
    protectors.refresh_from_db()
    assert not allowed(adult, scope_of(protectors), now)


@pytest.mark.parametrize("more", [{"recipients": ["media"]}, {"recipients": ["police", "embassy"]}])
def test_one_and_a_kind_are_written_down_each_by_itself(agree, unit, more):
    with pytest.raises(Refused, match="each by itself"):
        agree(institution_code(unit), **more)
    assert not Consent.objects.exists()


def test_what_is_nowhere_or_told_nothing_is_refused(agree, db):
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    nowhere = [f"organization-{uuid.uuid4()}", "organization-7", "agency-x", "agency-999999999999999999999", "case-1"]
    for code in [*nowhere, institution_code(ministry), "agency", "-"]:
        with pytest.raises(Refused, match="not in the list"):
            agree(code)
    assert find_institution(institution_code(ministry)) is None


def test_they_are_offered_by_kind(unit, protectors):
    assert ((institution_code(unit), unit.name) in institutions_by_kind()[POLICE], institutions_by_kind()[CHILD]) == (
        True,
        [named(protectors)],
    )
    assert all(
        find_institution(code).recipient == who
        for who, of_it in institutions_by_kind().items()
        for code, _name in of_it
    )


def test_for_the_list_nothing_is_read_but_what_it_shows(unit, protectors, django_assert_num_queries):
    with django_assert_num_queries(2) as queries:
        institutions_by_kind()
    for column in ("description", "website", "is_invented"):
        assert not [it for it in queries.captured_queries if f'"{column}"' in it["sql"]], column


def test_of_a_child_without_a_guardian_child_protection_alone(adult, agree, unit, protectors, case, ana, now):
    """Whichever institution the child chose. The same holds for a person whose age is not known."""
    describe_person(adult, age_at_events=None, age_certainty="", by=ana, now=now)
    for one in (unit, protectors):
        agree(institution_code(one), guardian=Guardian.ABSENT)
    assert [allowed(adult, scope_of(it), now) for it in (unit, protectors)] == [False, True]


def test_who_calls_for_another_agrees_to_no_service_in_her_name(case, agree, protectors, ana, now):
    with acting_as(ana.acting()):
        caller = case.persons.get(part=Part.CALLER)
    with pytest.raises(Refused, match="as a witness"):
        agree(institution_code(protectors), person=caller, guardian=Guardian.CONSENTS)


def test_the_table_has_a_line_of_its_own_while_it_lives(adult, agree, unit, ana, now):
    agreed = agree(institution_code(unit))
    [line] = ones(adult, now)
    assert (str(line.recipient), line.recipient.recipient, line.shared) == ("Invented unit", POLICE, {FACTS})
    table = disclosure_table(adult, now)
    assert all(not it.shared for it in table if not it.recipient.codes)
    assert all(it.before is it.rulings for it in table)  # nothing is proposed, so nothing is ruled twice
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    assert not ones(adult, now)


def test_the_table_says_it_of_who_called_too(adult, agree, unit, case, ana, now):
    with acting_as(ana.acting()):
        caller = case.persons.get(part=Part.CALLER)
    agree(institution_code(unit), FACTS, Data.CALLER_IDENTITY, person=caller, guardian=Guardian.CONSENTS)
    [line] = ones(adult, now)
    assert (str(line.recipient), line.shared) == ("Invented unit", {FACTS, Data.CALLER_IDENTITY})


def test_the_table_has_no_line_of_one_that_is_told_as_something_else_since(adult, agree, protectors, now):
    agree(institution_code(protectors))
    assert [str(it.recipient) for it in ones(adult, now)] == ["Protección de Ejemplo"]
    Organization.objects.update(recipient_kind=Recipient.SERVICE_PROVIDER)
    assert not ones(adult, now)
    agree(institution_code(protectors))  # for its new kind
    [line] = ones(adult, now)
    assert line.recipient.recipient == Recipient.SERVICE_PROVIDER
    protectors.delete()
    assert not ones(adult, now)


def test_of_a_suspended_one_nobody_is_asked_and_it_has_no_line(adult, agree, protectors, now):
    agree(institution_code(protectors))
    Organization.objects.update(trust="suspended")
    assert not ones(adult, now)
    assert CHILD not in institutions_by_kind()
    with pytest.raises(Refused, match="not in the list"):
        agree(institution_code(protectors))


def test_however_its_number_is_written_it_is_the_same(adult, agree, unit, now):
    agree(f"agency- {unit.pk}")
    assert allowed(adult, scope_of(unit), now)


def test_the_page_offers_it_names_it_and_takes_it_back(adult, unit, case, ana, now):
    ana.is_invented = True  # the demonstration's door asks for no second factor
    ana.save()
    client, where = Client(headers={"Sec-Fetch-Mode": "navigate"}), f"/cases/{case.pk}/people/{adult.pk}/consent"
    client.force_login(ana)
    assert f'<option value="{institution_code(unit)}">Invented unit</option>' in client.get(where).content.decode()
    cells = [f"{institution_code(unit)}:incident_facts", f"{institution_code(unit)}:subject_health"]
    for wrong in (["agency-9999:incident_facts"], [], ["media:incident_facts"]):
        assert post_consent(client, where, *wrong).status_code == 422
    assert not Consent.objects.exists()
    assert post_consent(client, where, *cells).status_code == 302
    consent = Consent.objects.get()
    assert (consent.data, consent.recipients) == (["incident_facts", "subject_health"], ["police"])
    text = client.get(where).content.decode()
    assert text.count("Invented unit</th>") == 1  # the line of the table
    assert "su salud</b> (destinatario: Invented unit)" in text.replace("\n", "")
    assert client.post(f"/cases/{case.pk}/consents/{consent.pk}/withdraw").status_code == 302
    assert "Invented unit</th>" not in client.get(where).content.decode()
