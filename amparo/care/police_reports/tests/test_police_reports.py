"""A police report: sent on a live basis, one page for both sides, and gone for the unit after a withdrawal."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import add_member, change_case, close_case, finish_task
from amparo.care.consent.picklists import Data, OverrideGround
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import review_basis
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.clock import request_of
from amparo.care.police_reports.inbox import reports_in_order
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind
from amparo.care.police_reports.rules import add_message, receive_report, record_decision, report_to_police
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.models import Delivery

FACTS = "invented facts of nobody"
NAME = "Inventada Demo"


@pytest.fixture
def send(person, unit, ana, now):
    def send(by=ana, **more) -> Report:
        return report_to_police(person, unit, facts=FACTS, source="victim", by=by, now=now, **more)

    return send


def seen(user) -> int:
    with acting_as(user.acting()):
        return Report.objects.count()


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_without_a_basis_nothing_is_sent(send, teo):
    with pytest.raises(Refused, match="no legal basis"):
        send()
    assert not Report.objects.exists()


def test_with_her_consent_the_unit_reads_the_facts_and_nothing_of_the_case(agreed, send, case, teo, other_liaison):
    consent = agreed()
    report = send()
    assert (report.basis, report.because) == (consent.pk, Because.CONSENT)
    assert [seen(who) for who in (teo, other_liaison)] == [1, 0]
    with acting_as(teo.acting()):
        assert Report.objects.get().facts == FACTS
        assert not Case.objects.exists()
    assert case.entries.get(kind=EntryKind.DISCLOSED).about == str(report.pk)


def test_a_name_goes_only_where_she_agreed_to_that_too(agreed, send):
    agreed()
    with pytest.raises(Refused, match="did not agree to disclose: their name"):
        send(details={Data.SUBJECT_IDENTITY: NAME})
    agreed(Data.SUBJECT_IDENTITY)
    assert [it.words for it in send(details={Data.SUBJECT_IDENTITY: NAME}).details] == [NAME]


def test_her_name_alone_may_be_taken_back(agreed, send, teo, ana, now):
    facts, name = agreed(), agreed(Data.SUBJECT_IDENTITY)
    report = send(details={Data.SUBJECT_IDENTITY: NAME})
    assert report.basis == facts.pk
    page, paper = f"/reports/{report.pk}", f"/reports/{report.pk}/pdf"
    assert NAME in at(teo).get(page).content.decode()
    with_name = at(teo).get(paper).content
    consents.withdraw_consent_in_case(name, by=ana, now=now)
    text = at(teo).get(page).content.decode()
    assert (NAME in text, FACTS in text) == (False, True)
    assert at(teo).get(paper).content != with_name
    assert NAME in at(ana).get(page).content.decode()  # the hotline can see what it disclosed
    with acting_as(teo.acting()):
        assert Report.objects.get().details == []


def test_taken_back_it_is_gone_for_the_unit_from_the_next_query_on(agreed, send, teo, ana, now):
    consent = agreed()
    report = send()
    assert at(teo).get(f"/reports/{report.pk}").status_code == 200
    consents.withdraw_consent_in_case(consent, by=ana, now=now)
    assert seen(teo) == 0
    assert at(teo).get(f"/reports/{report.pk}").status_code == 404
    assert seen(ana) == 1


@pytest.mark.parametrize("over", ["withdrawn", "expired", "it lasts"])
def test_what_the_unit_cannot_read_is_not_announced_to_it(agreed, send, unit, ana, now, over):
    consent = agreed()
    report = send()
    if over == "withdrawn":
        consents.withdraw_consent_in_case(consent, by=ana, now=now)
    then = consent.expires_at if over == "expired" else now
    add_message(report, ReportEventKind.INFORMED, "she knows", by=ana, now=then)
    deliveries = Delivery.objects.filter(agency_id=unit.pk).values_list("kind", flat=True)
    assert sorted(deliveries) == ["report.informed"] * (over == "it lasts") + ["report.sent"]


def test_nor_what_stood_on_a_danger_that_a_review_let_fall(send, person, unit, ana, marta, now):
    basis = consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented danger", by=ana, now=now)
    report = send()
    review_basis(basis, stands=False, by=marta, now=now)
    add_message(report, ReportEventKind.INFORMED, "she knows", by=ana, now=now)
    assert list(Delivery.objects.filter(agency_id=unit.pk).values_list("kind", flat=True)) == ["report.sent"]


@pytest.mark.parametrize("is_over", [True, False])
def test_what_the_law_requires_is_announced_as_long_as_it_is_read(send, person, unit, ana, now, is_over):
    describe_person(person, age_at_events=15, by=ana, now=now)
    report = send()
    then = report.until if is_over else report.until - timedelta(seconds=1)
    add_message(report, ReportEventKind.INFORMED, "she knows", by=ana, now=then)
    deliveries = Delivery.objects.filter(agency_id=unit.pk).values_list("kind", flat=True)
    assert sorted(deliveries) == ["report.informed"] * (not is_over) + ["report.sent"]


def test_it_ends_with_the_consent(agreed, send, teo, now):
    consent = agreed()
    assert send().until == consent.expires_at


def test_danger_is_a_basis_until_a_review_says_no(send, person, teo, ana, marta, now):
    basis = consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented danger", by=ana, now=now)
    assert send().because == Because.IMMINENT_DANGER
    assert seen(teo) == 1
    review_basis(basis, stands=False, by=marta, now=now)
    assert seen(teo) == 0


def test_of_a_child_the_law_requires_it(send, person, teo, ana, now):
    describe_person(person, age_at_events=15, by=ana, now=now)
    report = send()
    assert (report.because, report.basis) == (Because.CHILD_AT_RISK, report.pk)
    assert seen(teo) == 1


def test_received_once_under_a_folio_asked_decided_and_told_back(agreed, send, teo, ana, now):
    agreed()
    report = send()
    with pytest.raises(Refused, match="Receive it first"):
        record_decision(report, Decision.ACTED, by=teo, now=now)
    for _ in range(2):
        receive_report(report, "F-1 invented", by=teo, now=now)
    add_message(report, ReportEventKind.QUESTION, "where exactly?", by=teo, now=now)
    add_message(report, ReportEventKind.ANSWERED, "by the market", by=ana, now=now)
    record_decision(report, Decision.ACTED, words="invented", by=teo, now=now)
    add_message(report, ReportEventKind.INFORMED, "she knows", by=ana, now=now)
    assert [step.kind for step in report.steps.order_by("at", "kind")].count(ReportEventKind.RECEIVED) == 1
    assert report.steps.count() == 5


@pytest.mark.parametrize(
    ("kind", "who"),
    [(ReportEventKind.QUESTION, "ana"), (ReportEventKind.INFORMED, "teo"), (ReportEventKind.DECIDED, "teo")],
)
def test_each_side_says_what_is_its_own_to_say(agreed, send, teo, ana, now, kind, who):
    agreed()
    report = send()
    with pytest.raises(Refused, match="other side"):
        add_message(report, kind, "invented", by={"ana": ana, "teo": teo}[who], now=now)


def test_another_unit_adds_nothing(agreed, send, other_liaison, now):
    agreed()
    report = send()
    with pytest.raises(Refused):
        receive_report(report, "F-1", by=other_liaison, now=now)
    assert not ReportEvent.objects.exists()


def test_who_joins_the_team_later_reads_it_too(agreed, send, case, ana, ines, now):
    agreed()
    send()
    assert seen(ines) == 0
    add_member(case, ines, by=ana, now=now)
    assert seen(ines) == 1


def test_a_clock_for_each_step(agreed, send, case, teo, ana, now):
    agreed()
    change_case(case, based_on=0, urgency="immediate", by=ana, now=now)
    report = send()

    def clock(minutes: float):
        found = Report.objects.with_events().get(pk=report.pk)
        return [step.state for step in request_of(found, now + timedelta(minutes=minutes)).steps]

    assert clock(1) == ["done", "running", ""]
    assert clock(16) == ["done", "late", ""]
    receive_report(report, "F-1", by=teo, now=now)
    assert clock(16) == ["done", "done", "running"]
    assert clock(73 * 60) == ["done", "done", "late"]
    record_decision(report, Decision.ACTED, by=teo, now=now)
    assert clock(73 * 60) == ["done", "done", "done"]


def test_danger_first_then_by_the_clock_and_what_is_decided_last(agreed, send, case, teo, ana, now):
    agreed()
    first, done = send(), send()
    receive_report(done, "F-1", by=teo, now=now)
    record_decision(done, Decision.SHELVED, by=teo, now=now)
    change_case(case, based_on=0, urgency="immediate", by=ana, now=now)
    danger = send()
    with acting_as(teo.acting()):
        assert [report for report, _clock in reports_in_order(teo, now).rows] == [danger, first, done]


def test_an_open_case_asks_for_what_came_of_it(agreed, send, case):
    agreed()
    report = send()
    assert case.tasks.filter(kind="ask").get().words.startswith(report.code)


def test_a_closed_case_sends_nothing(agreed, send, case, ana, now):
    agreed()
    for task in case.tasks.all()[1:]:
        finish_task(task, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    with pytest.raises(Refused, match="closed"):
        send()


def test_both_sides_do_it_on_their_pages(agreed, person, case, unit, teo, ana):
    agreed()
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    typed = {"unit": unit.pk, "source": "victim", "facts": FACTS}
    refused = at(ana).post(where, typed | {"subject_identity": NAME})
    assert refused.status_code == 422
    assert FACTS in refused.content.decode()
    sent = at(ana).post(where, typed | {"do": "send"})["Location"]
    assert FACTS in at(teo).get(sent).content.decode()
    assert case.code not in at(teo).get(sent).content.decode()
    for path, words in (
        ("/receive", {"folio": "F-77 invented"}), ("/say/question", {"words": "a question of nobody"}),
        ("/decide", {"decision": "acted", "words": "a decision of nobody"}),
    ):  # fmt: skip
        assert at(teo).post(sent + path, words)["Location"] == sent
        if path == "/receive":
            page = at(teo).get(sent).content.decode()
            assert re.search(r'name="decision"[^>]*>\s*<option value="" selected>', page), (
                "nothing is decided beforehand"
            )
    shown = at(ana).get(sent).content.decode()
    assert all(words in shown for words in ("F-77 invented", "a question of nobody", "a decision of nobody"))
    assert at(ana).get("/reports").status_code == at(teo).get("/reports").status_code == 200
    assert at(teo).get("/cases").status_code == 404


def test_received_under_one_folio_it_is_not_received_under_another(agreed, send, teo, now):
    """The same folio changes nothing; another folio is refused, so that nobody believes it was saved."""
    agreed()
    report = send()
    steps = [receive_report(report, "F-1", by=teo, now=now) for _ in range(2)]
    assert steps[0] == steps[1]
    with pytest.raises(Refused, match="another number"):
        receive_report(report, "F-2", by=teo, now=now)
    assert report.steps.get().words == "F-1"


def test_a_page_that_is_sent_twice_sends_once(agreed, case, person, unit, ana):
    agreed()
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    page = re.search(r'name="page" value="([^"]+)"', at(ana).get(where).content.decode())[1]
    typed = {"unit": unit.pk, "source": "victim", "facts": FACTS, "page": page, "do": "send"}
    assert len({at(ana).post(where, typed)["Location"] for _ in range(2)}) == Report.objects.count() == 1


def test_its_code_opens_it_for_who_may_and_for_nobody_else(agreed, send, ana, teo, other_liaison):
    agreed()
    report = send()
    assert [at(who).get(f"/find/{report.code}").get("Location") for who in (ana, teo)] == [f"/reports/{report.pk}"] * 2
    assert at(other_liaison).get(f"/find/{report.code}").status_code == 404
