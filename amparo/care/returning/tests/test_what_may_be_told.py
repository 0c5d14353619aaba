"""The outcome of a report and what the person may be told of it are two fields: a code shows only the second."""

import pytest

from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.police_reports.rules import add_message, receive_report, record_decision, report_to_police
from amparo.care.returning.code_requests import handle_code_request
from amparo.care.returning.rules import set_code_owner
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

OUTCOME, DECIDED, MAY_TELL = "invented outcome", "invented reason", "invented good news"


@pytest.fixture
def report(person, agreed, teo, ana, now) -> Report:
    """A report with a decision and an outcome; for each, the person may be told something different."""
    report = report_to_police(person, teo.agency, facts="invented", source=Source.VICTIM, by=ana, now=now)
    receive_report(report, "F-1", by=teo, now=now)
    record_decision(report, Decision.ACTED, words=DECIDED, may_tell=f"{MAY_TELL} 1", by=teo, now=now)
    add_message(report, ReportEventKind.OUTCOME, OUTCOME, may_tell=f"{MAY_TELL} 2", by=teo, now=now)
    return report


def answer_of(code: str, now, *, is_aloud: bool = False) -> str:
    story = handle_code_request({"code": code, "do": "tell"}, now, is_aloud=is_aloud).story
    assert story is not None
    return " | ".join(line.text for line in story.lines)


def test_the_page_tells_that_it_was_decided_and_no_word_unless_she_chose_that(report, code, given, person, ana, now):
    set_code_owner(given, person, by=ana, now=now)
    text = answer_of(code, now)
    assert ("They decided about it." in text, "Call us" in text) == (True, True)
    assert not any(word in text for word in (OUTCOME, DECIDED, MAY_TELL, "went there"))


@pytest.mark.parametrize("chosen", [True, False])
def test_read_aloud_or_where_she_chose_it_she_hears_what_may_be_told(report, code, given, person, ana, now, chosen):
    set_code_owner(given, person, reads_words=chosen, by=ana, now=now)
    for text in (answer_of(code, now, is_aloud=True), *([answer_of(code, now)] if chosen else [])):
        assert (f"{MAY_TELL} 1" in text, f"{MAY_TELL} 2" in text) == (True, True)
        assert not any(word in text for word in (OUTCOME, DECIDED, "went there"))


def test_nobody_elses_code_tells_it(report, code, given, case, ana, now):
    with acting_as(ana.acting()):
        caller = case.persons.get(part="caller")
    set_code_owner(given, caller, reads_words=True, by=ana, now=now)
    assert MAY_TELL not in answer_of(code, now, is_aloud=True)


def test_the_line_sees_it_apart_from_the_outcome(report, ana, client):
    client.force_login(ana)
    text = client.get(f"/reports/{report.pk}").content.decode()
    steps, _mark, may_be_told = text.partition('id="told"')
    assert (OUTCOME in steps, MAY_TELL in steps) == (True, False)
    assert text.count(MAY_TELL) == may_be_told.count(MAY_TELL) == 2


def test_it_is_said_with_a_decision_or_an_outcome_and_with_nothing_else(report, teo, ana, now, client):
    for kind, who in ((ReportEventKind.QUESTION, teo), (ReportEventKind.INFORMED, ana)):
        with pytest.raises(Refused, match="with a decision"):
            add_message(report, kind, "invented", may_tell=MAY_TELL, by=who, now=now)
    client.force_login(teo)
    client.post(f"/reports/{report.pk}/say/outcome", {"words": "invented", "may_tell": f"{MAY_TELL} 3"})
    client.post(f"/reports/{report.pk}/decide", {"decision": "acted", "may_tell": f"{MAY_TELL} 4"})
    with acting_as(ana.acting()):
        values = [step.may_tell for step in ReportEvent.objects.select_related("key").exclude(may_tell=None)]
    assert sorted(values) == [f"{MAY_TELL} {each}" for each in (1, 2, 3, 4)]
