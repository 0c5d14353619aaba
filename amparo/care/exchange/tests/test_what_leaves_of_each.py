"""The outline of a case, byte for byte: every kind of person, event and answer, alone and among all cases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from amparo.care.cases.models import Case, Event
from amparo.care.cases.picklists import EventKind, State
from amparo.care.consent.models import Consent
from amparo.care.exchange import mapping
from amparo.care.exchange.htcds_export import exported_record, record_as_json
from amparo.care.exchange.outline import ExportScope
from amparo.care.exchange.rules import export_all
from amparo.care.people.models import Person
from amparo.care.people.picklists import Gender, Part
from amparo.care.people.rules import add_person
from amparo.care.police_reports.models import Report
from amparo.care.screening.models import Assessment, Screening
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.picklists import Language
from tests.test_promises.planting import Planted

AT_RISK, PERPETRATOR = Part.AT_RISK, Part.ALLEGED_PERPETRATOR
EVENTS: list[tuple[EventKind, dict[str, Any], str]] = [
    (EventKind.RECRUITMENT, {"since": date(2026, 3, 4), "country": "PE", "ubigeo": "17"},
     '{"hte_Type": "Recruitment", "hte_Country": "PE", "hte_State": "Madre de Dios", "hte_Date": "2026-03-04"}'),
    (EventKind.TRANSIT, {"since": date(2026, 3, 5), "country": "PE", "ubigeo": "1701"},
     '{"hte_Type": "Transit", "hte_Country": "PE", "hte_State": "Madre de Dios", "hte_City": "Tambopata",'
     ' "hte_Date": "2026-03-05"}'),
    (EventKind.TRANSIT, {"since": date(2026, 3, 6), "country": "PE", "ubigeo": "170102"},
     '{"hte_Type": "Transit", "hte_Country": "PE", "hte_State": "Madre de Dios", "hte_City": "Inambari",'
     ' "hte_Date": "2026-03-06"}'),
    (EventKind.TRANSIT, {"since": date(2026, 3, 7), "country": "PE", "ubigeo": "999999"},
     '{"hte_Type": "Transit", "hte_Country": "PE", "hte_Date": "2026-03-07"}'),
    (EventKind.EXPLOITATION, {"since": date(2026, 3, 8), "country": "BO"},
     '{"hte_Type": "Exploitation", "hte_Country": "BO", "hte_Date": "2026-03-08"}'),
    (EventKind.EXPLOITATION, {}, '{"hte_Type": "Exploitation"}'),  # an event without a day stands last
]  # fmt: skip
PEOPLE: list[tuple[Part, dict[str, Any], str]] = [
    (AT_RISK, {}, "{}"),
    (AT_RISK, {"age_at_events": 0, "age_certainty": "sure"}, '{"VictimContext": {"vic_AgeWhenTrafficked": 0}}'),
    (AT_RISK, {"citizenship": "BO", "languages": ["other", "qu", "es", "en"]},
     '{"prs_Citizenship": ["BO"], "prs_PrimaryLanguage": "que", "prs_SecondaryLanguage": "spa"}'),
    (AT_RISK, {"languages": ["other"]}, "{}"),
    # a value that no form accepts does not break the file
    (AT_RISK, {"citizenship": '"\\'}, '{"prs_Citizenship": ["\\"\\\\"]}'),
    (PERPETRATOR, {"gender": "masculine", "age_at_events": 40, "age_certainty": "estimated", "languages": ["ay"]},
     '{"prs_Gender": "Masculine", "prs_PrimaryLanguage": "aym",'
     ' "PerpetratorContext": {"per_RoleInProcess": ["Other"]}}'),
    *((AT_RISK, {"gender": ours}, f'{{"prs_Gender": "{theirs}"}}') for ours, theirs in mapping.GENDER.items()),
    *((AT_RISK, {"languages": [ours]}, f'{{"prs_PrimaryLanguage": "{theirs}"}}')
      for ours, theirs in mapping.LANGUAGE.items()),
]  # fmt: skip
PLANTED = (  # the person at risk and the report of the planted case
    '{"Case": {"cas_Status": "Active"}, "Person": [{"prs_Gender": "Feminine", "VictimContext":'
    ' {"vic_AgeWhenTrafficked": 30}, "HistoricTraffickingEvent": [{"hte_Type": "Transit"}]}%s], "ReferralDetails":'
    ' [{"cas_ReferredOrganisation": "%s", "cas_ReasonForOutgoingReferral": "Other", "cas_OutgoingReferralDate":'
    ' "2026-11-25"}], "Consent": {"con_Consent": true}}'
)
AT_EIGHT_IN_LIMA = datetime(2026, 11, 26, 1, tzinfo=UTC)


@pytest.fixture
def sent(planted) -> str:
    """Set the report's day, and a recipient whose name has every character that JSON escapes."""
    Report.objects.update(sent_at=AT_EIGHT_IN_LIMA, until=AT_EIGHT_IN_LIMA + timedelta(days=30))
    agency = planted.report.to_agency
    agency.name = 'Unidad "Ñ" \\ : {}\t'
    agency.save()
    return 'Unidad \\"Ñ\\" \\\\ : {}\\t'


def exported(planted: Planted, by: User, now: datetime) -> str:
    """Return the case exported alone, which must equal its export among all."""
    with acting_as(by.acting()):
        alone = record_as_json(exported_record(Case.objects.get(pk=planted.case.pk)))
    [among_all] = export_all(purpose=Purpose.REVIEW, by=by, now=now)
    assert among_all == alone
    return alone


def test_every_kind_of_person(planted, sent, marta, now):
    for part, known, _record in PEOPLE:
        add_person(planted.case.key, part, by=marta, now=now, **known)
    add_person(planted.case.key, Part.CALLER, by=marta, now=now, citizenship="AR")  # callers are in no record
    twice = add_person(planted.case.key, AT_RISK, by=marta, now=now, citizenship="CL")
    Person.objects.filter(pk=twice.pk).update(merged_into=planted.person)
    records = "".join(f", {record}" for _part, _known, record in PEOPLE)
    assert exported(planted, marta, now) == PLANTED % (records, sent)


def test_every_list_of_words_has_its_person_or_event():
    assert {known.get("gender") for _part, known, _record in PEOPLE} >= set(Gender)
    assert {code for _part, known, _record in PEOPLE for code in known.get("languages", [])} == set(Language)
    assert {kind for kind, _known, _record in EVENTS} == set(EventKind)


def test_every_kind_of_event(planted, sent, marta, now):
    person = add_person(planted.case.key, AT_RISK, by=marta, now=now)
    for kind, known, _record in reversed(EVENTS):
        Event.objects.create(person=person, key=planted.case.key, kind=kind, words="palabras", **known)
    events = ", ".join(record for _kind, _known, record in EVENTS)
    assert exported(planted, marta, now) == PLANTED % (f', {{"HistoricTraffickingEvent": [{events}]}}', sent)


def test_none_that_was_written_by_mistake(planted, sent, marta, now):
    known = {"person": planted.person, "key": planted.case.key}
    Event.objects.create(kind="exploitation", is_mistake=True, **known)
    assert exported(planted, marta, now) == PLANTED % ("", sent)


@pytest.mark.parametrize("state", State)
def test_every_state_and_why_it_was_closed(planted, marta, now, state):
    closed = state in (State.CLOSED, State.CLOSED_REFERRED)
    more = {"closing": "safe", "closed_at": now, "next_task": None, "next_due": None} if closed else {}
    Case.objects.update(state=state, **more)
    why = ', "cas_ReasonForCaseClosure": "safe"' if closed else ""
    assert f'"Case": {{"cas_Status": "{mapping.STATUS[state]}"{why}}}' in exported(planted, marta, now)


def test_every_answer_is_told_once_and_only_where_it_is_yes(planted, marta, now):
    yes, no = (dict.fromkeys(words, word) for word, words in (("yes", mapping.CONTROL), ("no", mapping.EXPLOITATION)))
    Screening.objects.update(answers={**yes, **no, "act.transportation": "yes"})
    values = ", ".join(f'"{value}"' for value in sorted(set(mapping.CONTROL.values())))
    text = exported(planted, marta, now)
    assert f'{{"vic_AgeWhenTrafficked": 30, "vic_MethodsOfControl": [{values}]}}' in text
    Screening.objects.update(answers={"purpose.begging": "yes", "purpose.slavery": "yes", "purpose.other": "yes"})
    text = exported(planted, marta, now)
    assert '{"vic_AgeWhenTrafficked": 30, "vic_TypeOfExploitation": ["ForcedBegging", "Other"]}' in text


def test_the_newest_assessment_stands(planted, marta, now):
    rule = {"key": planted.case.key, "answers": {}, "age": "adult", "rule": "invented", "signed_by": marta}
    for minutes, result in enumerate(["not_indicated", "possible_victim", "insufficient_information"], 1):
        at = now + timedelta(minutes=minutes)
        Assessment.objects.create(person=planted.person, result=result, signed_at=at, **rule)
        is_possible = '"vic_TraffickingStatus": "PossibleVictimOfTrafficking"' in exported(planted, marta, now)
        assert is_possible == (result == "possible_victim")


def test_whether_a_consent_stands(planted, marta, now):
    assert '"Consent": {"con_Consent": true}' in exported(planted, marta, now)
    Consent.objects.update(withdrawn_at=now, withdrawn_by=marta)
    assert '"Consent": {"con_Consent": false}' in exported(planted, marta, now)


def test_of_who_is_silent_nothing_leaves_but_that_the_case_is_there(planted, marta, now):
    with acting_as(marta.acting()):
        case = Case.objects.get(pk=planted.case.pk)
        record = exported_record(case, ExportScope(excluded=frozenset([planted.person.pk])))
    assert record == {"Case": {"cas_Status": "Active"}, "Consent": {"con_Consent": False}}
