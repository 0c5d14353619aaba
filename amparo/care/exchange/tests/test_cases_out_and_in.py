"""A case leaves as HTCDS and returns: only the standard's values, all or nothing, and no name without a basis."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.cases import consents
from amparo.care.cases.models import Case, Event
from amparo.care.cases.picklists import Closing, State
from amparo.care.cases.rules import (
    add_event,
    add_person_to_case,
    close_case,
    finish_task,
    mark_event_as_mistake,
    open_case,
)
from amparo.care.cases.timeline import timeline
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.picklists import SUBJECT_DATA, Data, InformedItem, Recipient
from amparo.care.exchange import standard
from amparo.care.exchange.htcds_export import csv_file, exported_record, json_file, record_as_json
from amparo.care.exchange.htcds_import import read_file
from amparo.care.exchange.rules import export_all, export_case, import_cases
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.picklists import Changes, OwnWord
from amparo.foundation.core.refusal import Refused
from amparo.foundation.words import rules as words
from tests.test_promises.access import contact_of

from .conftest import WORDS

A_PERSON: dict[str, Any] = {
    "prs_Gender": "Feminine", "prs_Citizenship": ["BO"], "prs_PrimaryLanguage": "que", "prs_FirstName": "Inventada",
    "prs_SecondName": "Demo", "prs_Email": "nadie@example.org", "prs_MaritalStatus": "Single",
    "VictimContext": {"vic_TraffickingStatus": "ActualVictimOfTrafficking", "vic_AgeWhenTrafficked": 19,
                      "vic_TraffickingStatusDecisionMakingOrg": "CourtOrProsecution",
                      "vic_MethodsOfControl": ["DebtBondage", "TakesEarnings"]},
    "HistoricTraffickingEvent": [{"hte_Type": "Exploitation", "hte_Country": "PE", "hte_State": "Madre de Dios",
                                  "hte_City": "Tambopata", "hte_Date": "2026-03-04"},
                                 {"hte_Type": "Transit", "hte_Street": "Calle Inventada 1"}],
}  # fmt: skip
A_CASE: dict[str, Any] = {
    "Case": {"cas_Status": "FollowUp"}, "CaseComment": [{"cco_CaseComment": "invented comment"}], "Person": [A_PERSON],
    "SupportPlan": [{"spl_Type": "Legal", "spl_Objectives": "invented objective"}],
}  # fmt: skip


def file_of(*cases: Any) -> bytes:
    return json.dumps({"standard": "HTCDS", "version": "2.0", "cases": cases}).encode()


def take_in(file: bytes, by, now) -> list[Case]:
    return import_cases(read_file(file), purpose=Purpose.CARE, by=by, now=now)


def only_known_values(record: dict[str, Any]) -> None:
    """Raise `UnknownValue` if a record has a value that is not in the standard."""
    again = read_file(file_of(record))
    assert again == [record]


def test_a_case_of_one_who_called_herself_leaves_whole_to_whom_she_agreed(planted, ana, now):
    Person.objects.filter(key=planted.case.key, part=Part.CALLER).update(same_human_as=planted.person)
    record = export_case(planted.case, RecipientScope(Recipient.POLICE), by=ana, now=now)
    only_known_values(record)
    text = json.dumps(record, ensure_ascii=False)
    assert [kind for kind, word in WORDS.items() if word not in text] == []
    (person,) = record["Person"]
    assert person["VictimContext"]["vic_AgeWhenTrafficked"] == 30
    assert person["HistoricTraffickingEvent"][0]["hte_Type"] == "Transit"
    assert record["ReferralDetails"][0]["cas_OutgoingReferralDate"] == str(timezone.localdate(planted.report.sent_at))


def test_no_name_leaves_to_whom_she_did_not_agree_nor_words_that_may_hold_one(planted, ana, now):
    record = export_case(
        planted.case, RecipientScope(Recipient.PROSECUTOR), by=ana, now=now
    )  # the duty to report: facts only
    text = json.dumps(record, ensure_ascii=False)
    assert [word for word in WORDS.values() if word in text] == []
    assert record["Person"][0]["HistoricTraffickingEvent"] == [{"hte_Type": "Transit"}]


def test_of_another_at_risk_who_did_not_agree_nothing_leaves(planted, ana, now):
    who = {"age_at_events": 41, "age_certainty": "sure", "citizenship": "BO"}
    other = add_person_to_case(planted.case, Part.AT_RISK, by=ana, now=now, **who)
    identify(other, names="Urpichalla Demo", purpose=Purpose.CARE, by=ana, now=now)
    consents.record_consent_in_case(
        planted.person,
        data=[Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY],
        recipients=[Recipient.SERVICE_PROVIDER],
        purpose="invented",
        informed=list(InformedItem.values),
        given_how="voice",
        expires_at=now + timedelta(days=9),
        by=ana,
        now=now,
    )
    record = export_case(
        planted.case, RecipientScope(Recipient.SERVICE_PROVIDER), by=ana, now=now + timedelta(minutes=1)
    )
    text = json.dumps(record, ensure_ascii=False)
    assert (len(record["Person"]), "Urpichalla" in text, "BO" in text, "41" in text) == (1, False, False, False)
    assert WORDS["name"] in text  # the person agreed to their own
    assert "CaseComment" not in record  # the case's notes concern both


def test_nothing_leaves_without_a_basis(planted, ana, now):
    with pytest.raises(Refused, match="no legal basis"):
        export_case(planted.case, RecipientScope(Recipient.EMBASSY), by=ana, now=now)


def test_all_cases_leave_without_a_name_or_a_word(planted, marta, ana, now):
    open_case(contact_of(ana), by=ana, now=now)
    records = [json.loads(record) for record in export_all(purpose=Purpose.REVIEW, by=marta, now=now)]
    assert len(records) == 2
    for record in records:
        only_known_values(record)
    text = json.dumps(records, ensure_ascii=False)
    assert [word for word in WORDS.values() if word in text] == []
    entries = Entry.objects.filter(what="export_case", user_id=marta.pk)
    assert set(entries.values_list("key", flat=True)) == set(Case.objects.values_list("key", flat=True))


def test_only_supervisors_write_or_read_them_all(ana, now):
    with pytest.raises(Refused, match="not for your role"):
        export_all(purpose=Purpose.REVIEW, by=ana, now=now)
    with pytest.raises(Refused, match="not for your role"):
        take_in(file_of(A_CASE), ana, now)


def out_again(case: Case, marta, as_file) -> list[dict[str, Any]]:
    from amparo.care.exchange.outline import ExportScope

    with acting_as(marta.acting()):
        who = dict.fromkeys(
            Person.objects.filter(key=case.key_id).values_list("pk", flat=True), frozenset(SUBJECT_DATA)
        )
        return read_file(
            b"".join(as_file([record_as_json(exported_record(case, ExportScope(words=True, identity_data=who)))]))
        )


@pytest.mark.parametrize("as_file", [json_file, csv_file])
def test_what_came_in_leaves_again(marta, now, as_file):
    (case,) = take_in(file_of(A_CASE), marta, now)
    (record,) = out_again(case, marta, as_file)
    (person,) = record["Person"]
    assert (person["prs_FirstName"], person["prs_Email"]) == ("Inventada Demo", "nadie@example.org")
    assert person["VictimContext"] == A_PERSON["VictimContext"]
    assert len(person["HistoricTraffickingEvent"]) == 2
    assert record["SupportPlan"] == A_CASE["SupportPlan"]
    assert record["Case"] == A_CASE["Case"]
    assert {"cco_CaseComment": "invented comment"} in record["CaseComment"]


def test_what_was_written_by_mistake_leaves_no_more_and_the_words_of_others_stay_theirs(marta, now):
    (case,) = take_in(file_of(A_CASE), marta, now)
    with acting_as(marta.acting()):
        wrong = Event.objects.get(key=case.key_id)
        add_event(wrong.person, "transit", words="invented and right", by=marta, now=now)
        mark_event_as_mistake(wrong, by=marta, now=now)
    (record,) = out_again(case, marta, json_file)
    assert record["Person"][0]["HistoricTraffickingEvent"] == [
        {"hte_Type": "Transit", "hte_Description": "invented and right"},
        {"hte_Type": "Transit", "hte_Street": "Calle Inventada 1"},  # we have no column for it: it stays as received
    ]


def test_it_is_a_case_of_ours_with_a_next_task(marta, now):
    (case,) = take_in(file_of(A_CASE), marta, now)
    with acting_as(marta.acting()):
        case = Case.objects.get(pk=case.pk)
        person = case.persons.get()
        assert (case.state, case.next_task.kind, case.holder) == (State.FOLLOW_UP, "review", marta)
        assert (person.citizenship, person.languages, person.age_at_events) == ("BO", ["qu"], 19)
        assert person.identity.names == "Inventada Demo"
        assert person.events.get().ubigeo.startswith("1701")


@pytest.mark.parametrize(
    ("status", "reason", "closing"),
    [
        ("Closed", "safe", Closing.SAFE),
        ("Closed", "invented", Closing.CLOSED_THERE),
        ("ClosedReferred", "", Closing.HANDED_OVER),
    ],
)
def test_a_closed_one_stays_closed(marta, now, status, reason, closing):
    (case,) = take_in(file_of({"Case": {"cas_Status": status, "cas_ReasonForCaseClosure": reason}}), marta, now)
    with acting_as(marta.acting()):
        case = Case.objects.get(pk=case.pk)
    assert (case.is_open, case.closing) == (False, closing)


@pytest.mark.parametrize("status", ["Active", "Closed"])
def test_why_it_was_closed_elsewhere_leaves_in_their_words(marta, now, status):
    theirs = {"cas_Status": status, "cas_ReasonForCaseClosure": "invented reason"}
    (record,) = out_again(take_in(file_of({"Case": theirs}), marta, now)[0], marta, json_file)
    assert record["Case"] == theirs
    assert "invented reason" not in "".join(export_all(purpose=Purpose.REVIEW, by=marta, now=now))


def test_what_fails_while_it_is_kept_keeps_nothing(marta, now, monkeypatch):
    """The control: the second of two cases cannot be saved, and then the first is not saved either."""
    from amparo.care.exchange import rules

    kept = []

    def keep(*arguments: Any) -> None:
        kept.append(1)
        if len(kept) > 1:
            raise Refused("invented")

    monkeypatch.setattr(rules, "_store_unmapped", keep)
    with pytest.raises(Refused, match="invented"):
        take_in(file_of(A_CASE, A_CASE), marta, now)
    assert not Case.objects.exists()


def values(field: standard.Field) -> st.SearchStrategy[Any]:
    """Generate what the standard allows for this field."""
    words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
    if field.pattern:
        return st.from_regex(r"\+[1-9][0-9]{7,11}", fullmatch=True)
    if field.codelist:
        codes = st.sampled_from(["PE", "BO"] if "3166" in field.codelist else ["spa", "que"])
        return st.lists(codes, min_size=1, max_size=2, unique=True) if field.type == "multipicklist" else codes
    if field.values:
        one = st.sampled_from(field.values)
        return st.lists(one, min_size=1, max_size=3, unique=True) if field.type == "multipicklist" else one
    return {
        "boolean": st.booleans(), "number": st.integers(0, 99), "geo": st.floats(-80, 80, allow_nan=False, width=16),
        "date": st.dates().map(str),
    }.get(field.type, words)  # fmt: skip


def records(entity: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = standard.entities()[entity]
    return st.fixed_dictionaries({}, optional={name: values(field) for name, field in fields.items()})


PEOPLE = st.builds(
    lambda own, victim, events: {**own, "VictimContext": victim, "HistoricTraffickingEvent": events},
    records("Person"), records("VictimContext"), st.lists(records("HistoricTraffickingEvent"), max_size=2),
)  # fmt: skip
CASES = st.builds(
    lambda people, plans: {"Person": people, "SupportPlan": plans},
    st.lists(PEOPLE, max_size=2), st.lists(records("SupportPlan"), max_size=2),
)  # fmt: skip


def without_blanks(value: Any) -> Any:
    from amparo.care.exchange import htcds_export

    return htcds_export.without_blanks(value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(CASES, min_size=1, max_size=2))
def test_both_kinds_of_file_say_the_same(cases):
    cases = [without_blanks(case) for case in cases]
    if all(cases):
        files = [b"".join(kind(map(record_as_json, cases))) for kind in (csv_file, json_file)]
        assert read_file(files[0]) == read_file(files[1])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(CASES)
def test_nothing_that_came_in_is_lost(marta, now, case):
    if not (case := without_blanks(case)):
        return
    (sent,) = read_file(file_of(case))
    (kept,) = take_in(file_of(case), marta, now)
    (again,) = out_again(kept, marta, json_file)
    assert {json.dumps(value) for value in leaves(sent)} <= {json.dumps(value) for value in leaves(again)}


def leaves(value: Any) -> list[Any]:
    """Return every value, except the three parts of a name, which are exported as one."""
    if isinstance(value, dict):
        value = [each for name, each in value.items() if name not in NAMES]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]


NAMES = ("prs_FirstName", "prs_MiddleName", "prs_SecondName")


def test_a_stream_holds_one_case_at_a_time():
    """Whatever their number: each is written before the next is read."""
    read = []

    def cases():
        for number in range(1000):
            read.append(number)
            yield '{"Case": {"cas_Status": "Active"}}'

    stream = json_file(cases())
    assert (next(stream)[:1], read) == (b"{", [])
    next(stream)
    assert read == [0]


def test_closed_and_reopened_cases_still_leave(planted, marta, ana, now):
    with acting_as(ana.acting()):
        critical = list(planted.case.tasks.filter(is_critical=True, is_open=True))
    for task in critical:
        finish_task(task, by=ana, now=now)
    close_case(planted.case, Closing.SAFE, by=ana, now=now)
    (record,) = export_all(purpose=Purpose.REVIEW, by=marta, now=now)
    assert json.loads(record)["Case"] == {"cas_Status": "Closed", "cas_ReasonForCaseClosure": "safe"}


def test_a_reason_that_the_line_added_leaves_in_words(planted, marta, ana, now):
    words.keep({"closings": Changes(words=(("own-01", OwnWord("Volvió invented", "Invented return")),))})
    with acting_as(ana.acting()):
        critical = list(planted.case.tasks.filter(is_critical=True, is_open=True))
    for task in critical:
        finish_task(task, by=ana, now=now)
    close_case(planted.case, "own-01", by=ana, now=now)
    with acting_as(ana.acting()):
        assert "Invented return" in [it.about for it in timeline(planted.case)]
    (record,) = export_all(purpose=Purpose.REVIEW, by=marta, now=now)
    assert json.loads(record)["Case"] == {"cas_Status": "Closed", "cas_ReasonForCaseClosure": "Volvió invented"}
