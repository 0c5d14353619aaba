"""Name, document, contact, whereabouts, health: each is agreed to, disclosed and withdrawn by itself."""

import pytest
from django.test import Client
from django.utils.translation import override

from amparo.care.cases import consents
from amparo.care.cases.rules import change_case
from amparo.care.cases.tests import agreeing
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.picklists import CALLER_DATA, SUBJECT_DATA, Data, OverrideGround, Recipient
from amparo.care.consent.rules import review_basis
from amparo.care.directory.models import Organization, Service
from amparo.care.people.picklists import Part
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import OF_A_REPORT
from amparo.care.police_reports.rules import report_to_police
from amparo.care.police_reports.tests.test_on_paper import text_of
from amparo.care.referrals.by_link import open_link
from amparo.care.referrals.models import Referral
from amparo.care.referrals.picklists import OF_A_REFERRAL
from amparo.care.referrals.rules import issue_link, link_actor, refer
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

FACTS, WORDS = Data.INCIDENT_FACTS, {data: f"inventado {data}" for data in OF_A_REPORT}


@pytest.fixture
def agree(case, person, ana, now):
    """The person concerned agrees to this item alone."""
    with acting_as(ana.acting()):
        caller = case.persons.get(part=Part.CALLER)

    def agree(data: Data, to: str = Recipient.POLICE):
        who, guardian = (caller, "consents") if data in CALLER_DATA else (person, "")
        return agreeing.agree(who, data, to=to, guardian=guardian, by=ana, now=now)

    return agree


@pytest.fixture
def report(person, unit, ana, now):
    def report(*shared: Data, to: Agency = unit) -> Report:
        details = {data: WORDS[data] for data in shared}
        return report_to_police(person, to, facts="invented", source="victim", details=details, by=ana, now=now)

    return report


@pytest.fixture
def ask(person, service, ana, now):
    def ask(*shared: Data, whom: Service = service) -> Referral:
        return refer(person, whom, facts="invented", details={data: WORDS[data] for data in shared}, by=ana, now=now)

    return ask


def at(user: User) -> Client:
    user.is_invented = True  # the demonstration's sign-in needs no second factor
    user.save()
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(user)
    return client


def read_by(user: User, it: Report) -> set[str]:
    """Return which of all items the report's page shows."""
    text = at(user).get(f"/reports/{it.pk}").content.decode()
    return {data for data, words in WORDS.items() if words in text}


@pytest.mark.parametrize("data", OF_A_REPORT)
def test_no_other_consent_stands_for_it(report, agree, data):
    for other in (FACTS, *OF_A_REPORT):
        if other != data:
            agree(other)
    with pytest.raises(Refused, match="did not agree to disclose"):
        report(data)
    assert not Report.objects.exists()
    agree(data)
    assert [it.words for it in report(data).details] == [WORDS[data]]


@pytest.mark.parametrize("data", OF_A_REPORT)
def test_taken_back_it_alone_is_gone(report, agree, teo, ana, now, data):
    agreed = {each: agree(each) for each in (FACTS, *OF_A_REPORT)}
    sent = report(*OF_A_REPORT)
    assert read_by(teo, sent) == set(OF_A_REPORT)
    consents.withdraw_consent_in_case(agreed[data], by=ana, now=now)
    assert read_by(teo, sent) == set(OF_A_REPORT) - {data}
    with override("es"):
        # listed as not disclosed
        assert f"<dd>{data.label}</dd>" in at(teo).get(f"/reports/{sent.pk}").content.decode()


@pytest.mark.parametrize("data", OF_A_REFERRAL)
def test_by_a_link_likewise(ask, agree, ana, now, data):
    to = Recipient.SERVICE_PROVIDER
    agreed = {each: agree(each, to) for each in (FACTS, *SUBJECT_DATA) if each != data}
    with pytest.raises(Refused, match="did not agree to disclose"):
        ask(data)
    agreed[data] = agree(data, to)
    sent = ask(*SUBJECT_DATA)
    link = issue_link(sent, by=ana, now=now)
    assert open_link(link_actor(link), now).details == {each: WORDS[each] for each in SUBJECT_DATA}
    consents.withdraw_consent_in_case(agreed[data], by=ana, now=now)
    kept = {each: WORDS[each] for each in SUBJECT_DATA if each != data}
    assert open_link(link_actor(link), now).details == kept
    sheet = open_link(link_actor(issue_link(sent, by=ana, now=now)), now)  # a new link does not bring it back
    assert (sheet.details, sheet.left_out) == (kept, str(data.label))


def test_of_who_called_a_service_is_told_nothing(ask, agree):
    agree(FACTS, Recipient.SERVICE_PROVIDER)
    for data in CALLER_DATA:
        with pytest.raises(Refused, match="did not agree"):
            ask(data)


def test_the_unit_to_which_she_agreed_reads_it_and_no_other_is_sent_it(report, agree, unit, teo):
    for data in (FACTS, Data.SUBJECT_CONTACT):
        agree(data, institution_code(unit))
    other = Agency.objects.create(name="Invented unit elsewhere", kind=Kind.POLICE)
    with pytest.raises(Refused, match="no legal basis"):
        report(to=other)
    assert read_by(teo, report(Data.SUBJECT_CONTACT)) == {Data.SUBJECT_CONTACT}


def test_the_service_to_which_she_agreed_is_asked_and_no_other(ask, agree, service, ana, now):
    agreed = agree(FACTS, institution_code(service.organization))
    of = Organization.objects.create(name="Otra de Ejemplo", description="inventada")
    with pytest.raises(Refused, match="no legal basis"):
        ask(whom=Service.objects.create(organization=of, name="Otro Servicio de Ejemplo"))
    link = issue_link(sent := ask(), by=ana, now=now)
    assert open_link(link_actor(link), now).facts == "invented"
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)
    with pytest.raises(Refused, match="has ended"):
        issue_link(sent, by=ana, now=now)


def test_in_danger_she_is_found_and_helped_and_nobody_needs_her_papers(report, person, teo, ana, now):
    consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)
    least = [data for data in SUBJECT_DATA if data != Data.SUBJECT_DOCUMENT]
    assert read_by(teo, report(*least)) == set(least)
    with pytest.raises(Refused, match="their identity document"):
        report(*SUBJECT_DATA)


def test_the_page_asks_only_for_what_may_be_told_and_loses_nothing_that_was_typed(case, person, agree, ana, unit):
    agree(FACTS)
    agree(Data.SUBJECT_HEALTH)
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    offered = {data for data in OF_A_REPORT if f'name="{data}"' in at(ana).get(where).content.decode()}
    assert offered == {Data.SUBJECT_HEALTH}
    typed = {"source": "victim", "facts": "invented", "unit": unit.pk, "subject_contact": WORDS[Data.SUBJECT_CONTACT]}
    refused = at(ana).post(where, typed)
    text = refused.content.decode()
    assert (refused.status_code, WORDS[Data.SUBJECT_CONTACT] in text) == (422, True)
    assert "La persona no autorizó comunicar: cómo comunicarse con la persona." in text


def test_the_page_asks_for_what_who_called_agreed_to_tell_one_unit(case, person, agree, ana, unit):
    agree(FACTS)
    agree(Data.CALLER_IDENTITY, institution_code(unit))
    text = at(ana).get(f"/cases/{case.pk}/people/{person.pk}/report").content.decode()
    assert ('name="caller_identity"' in text, 'name="caller_contact"' in text) == (True, False)


def test_no_new_link_for_one_that_is_told_as_something_else_since(ask, agree, service, ana, now):
    to = Recipient.SERVICE_PROVIDER
    agree(FACTS, institution_code(service.organization))
    sent = ask()
    issue_link(sent, by=ana, now=now)
    Organization.objects.update(recipient_kind=Recipient.EMBASSY)
    with pytest.raises(Refused, match="has ended"):
        issue_link(sent, by=ana, now=now)
    Organization.objects.update(recipient_kind=to)
    assert open_link(link_actor(issue_link(sent, by=ana, now=now)), now).facts == "invented"


def test_no_new_link_for_one_that_is_suspended_since(ask, agree, ana, now):
    agree(FACTS, Recipient.SERVICE_PROVIDER)
    sent = ask()
    Organization.objects.update(trust="suspended")
    with pytest.raises(Refused, match="Nobody is sent"):
        issue_link(sent, by=ana, now=now)


def test_who_works_on_the_case_sees_what_is_not_told_any_more_and_prints_no_more(report, ask, agree, ana, now):
    kept, gone, to_both = Data.SUBJECT_HEALTH, Data.SUBJECT_CONTACT, (Recipient.POLICE, Recipient.SERVICE_PROVIDER)
    for to in to_both:
        agree(FACTS, to)
        agree(kept, to)
    taken_back = [agree(gone, to) for to in to_both]
    pages = [f"/reports/{report(kept, gone).pk}", f"/referrals/{ask(kept, gone).pk}"]
    for is_over in (False, True):
        for page in pages:
            text = at(ana).get(page).content.decode()
            assert (f"{WORDS[gone]} (ya no se comunica)" in text, f"{WORDS[kept]} (ya no" in text) == (is_over, False)
            with override("es"):
                assert (f"{gone.label}, " in text) == is_over  # in the list of what is not disclosed
        paper = text_of(at(ana).get(f"{pages[0]}/pdf").content)
        assert (WORDS[kept] in paper, WORDS[gone] in paper) == (True, not is_over)
        for consent in taken_back:
            consents.withdraw_consent_in_case(consent, by=ana, now=now)


def test_nor_is_what_stood_on_a_basis_that_a_supervisor_let_fall(report, person, marta, ana, now):
    basis = consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented", by=ana, now=now)
    sent, over = report(Data.SUBJECT_HEALTH), f"{WORDS[Data.SUBJECT_HEALTH]} (ya no se comunica)"
    assert over not in at(ana).get(f"/reports/{sent.pk}").content.decode()
    review_basis(basis, stands=False, by=marta, now=now)
    assert over in at(ana).get(f"/reports/{sent.pk}").content.decode()


def test_on_paper_and_in_review_it_is_the_same(case, person, agree, report, teo, unit, ana):
    for data in (FACTS, Data.SUBJECT_HEALTH, Data.SUBJECT_CONTACT):
        agree(data)
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    typed = {data.value: WORDS[data] for data in (Data.SUBJECT_HEALTH, Data.SUBJECT_CONTACT)}
    text = at(ana).post(where, {"source": "victim", "facts": "invented", "unit": unit.pk} | typed).content.decode()
    assert ("facts-sent" in text, all(words in text for words in typed.values())) == (True, True)
    assert "su nombre, su documento de identidad" in text  # it names what is not disclosed
    assert not Report.objects.exists()


def test_a_case_that_is_in_danger_says_nothing_more_of_her_by_that(case, report, agree, ana):
    """Urgency is no basis."""
    change_case(case, urgency="immediate", based_on=0, by=ana, now=case.opened_at)
    with pytest.raises(Refused, match="no legal basis"):
        report()
