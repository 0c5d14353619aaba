"""Counts of signed acts, means and purposes, of recognised victims, of events and of alleged perpetrators."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EventKind
from amparo.care.cases.rules import (
    add_event,
    add_person_to_case,
    close_case,
    mark_event_as_mistake,
    open_case,
    sign_assessment,
    write_decision,
)
from amparo.care.exchange import mapping
from amparo.care.people.models import Person
from amparo.care.people.picklists import Certainty, Gender, Part
from amparo.care.people.rules import merge
from amparo.care.screening import indicators
from amparo.care.screening.models import Body, Status
from amparo.care.screening.picklists import Purpose
from amparo.care.screening.rules import answer
from amparo.figures.conftest import IN_THE_QUARTER
from amparo.figures.snapshot.picklists import NOT_SAID, OTHERS, SEVERAL, ExploitationForm, MeansOfControl
from amparo.figures.snapshot.rules import count_months
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call

pytestmark = pytest.mark.django_db
DAY = IN_THE_QUARTER.date()
ANOTHER_QUARTER = IN_THE_QUARTER - timedelta(days=120)


@pytest.fixture
def person(ana: User) -> Callable[..., Person]:
    """The person at risk of a new case, with what is known and what is answered with yes and signed."""

    def introduced(*yes: str, at: Any = IN_THE_QUARTER, signed: bool = True, **known: Any) -> Person:
        call = Call.objects.create(arrived_at=at, answered_at=at, operators=[ana.pk])
        case = open_case(open_contact(call, by=ana, now=at), by=ana, now=at)
        with acting_as(ana.acting()):
            Person.objects.filter(key=case.key_id, part=Part.AT_RISK).update(**known or {"gender": ""})
            somebody = Person.objects.get(key=case.key_id, part=Part.AT_RISK)
        if yes:
            answer(somebody, dict.fromkeys(yes, "yes"), by=ana, now=at)
        if yes and signed:
            sign_assessment(somebody, by=ana, now=at)
        return somebody

    return introduced


@pytest.fixture
def decided(ana: User) -> Callable[..., None]:
    def decide(person: Person, status: Status = Status.ACTUAL_VICTIM, day: date = DAY) -> None:
        write_decision(
            person, status, Body.PROSECUTION, document="Invented 1", decided_on=day, by=ana, now=IN_THE_QUARTER
        )

    return decide


@pytest.fixture
def counted(paula: User, quarter, now) -> Callable[[Table], dict[str, int]]:
    def count(table: Table) -> dict[str, int]:
        return {cell: n for cell, n in count_months(quarter, by=paula, now=now).counts_of(table).items() if n}

    return count


def case_of(person: Person, ana: User) -> Case:
    with acting_as(ana.acting()):
        return Case.objects.get(key=person.key_id)


def test_each_act_means_and_purpose_of_the_newest_signed_assessment_is_counted(person, counted, ana):
    person("act.recruitment", "means.deception", "means.threat", "purpose.sexual")
    again = person("act.harbouring", "purpose.begging")
    changed = {"purpose.begging": "no", "purpose.servitude": "yes", "act.transfer": "unknown"}
    answer(again, changed, based_on=1, by=ana, now=IN_THE_QUARTER)
    sign_assessment(again, by=ana, now=IN_THE_QUARTER + timedelta(hours=1))
    assert counted(Table.PERSONS_BY_ACT) == {"recruitment": 1, "harbouring": 1}
    assert counted(Table.PERSONS_BY_MEANS) == {"deception": 1, "threat": 1}
    assert counted(Table.PERSONS_BY_PURPOSE) == {"sexual": 1, "servitude": 1}


def test_what_nobody_signed_or_what_is_ruled_out_is_not_counted(person, counted):
    person("act.recruitment", "purpose.sexual", signed=False)
    person("means.ruled_out", "purpose.ruled_out")
    person("purpose.organs", at=ANOTHER_QUARTER)
    assert counted(Table.PERSONS_BY_PURPOSE) == counted(Table.PERSONS_BY_MEANS) == {}
    assert counted(Table.PERSONS_BY_AGE) == {"unknown": 2}  # the control


def test_a_cell_of_several_is_divided_from_all_others(person, paula, quarter, now):
    for purposes in (["sexual"], ["sexual", "servitude"], [], ["begging"]):
        person(*(f"purpose.{purpose}" for purpose in purposes))
    snapshot = count_months(quarter, by=paula, now=now)
    assert Table.PERSONS_BY_PURPOSE.partitions == Table.PERSONS_BY_PURPOSE.cells
    assert snapshot.partition_counts(Table.PERSONS_BY_PURPOSE, "sexual") == {OTHERS: 2, "sexual": 2}
    assert snapshot.partition_counts(Table.PERSONS_BY_PURPOSE, "organs") == {OTHERS: 4, "organs": 0}
    assert snapshot.partition_counts(Table.PERSONS_BY_AGE, "") == snapshot.counts_of(Table.PERSONS_BY_AGE)


def test_a_person_is_counted_once_for_each_means_of_control(person, counted):
    person("coercive_recruitment.debt_bondage", "coercion_destination.debt_bondage", "deceptive_recruitment.wages")
    person("coercion_destination.violence_family", "exploitation.low_salary")
    assert counted(Table.PERSONS_BY_CONTROL) == {"debt_bondage": 1, "false_promises": 1, "threats": 1}


def test_each_sign_controls_as_in_what_we_exchange_and_only_words_of_the_list_are_counted():
    """`mapping.CONTROL` names HTCDS's values. CTDC has one column for two of them, and one that HTCDS lacks."""
    ours = {
        "DebtBondage": "debt_bondage", "TakesEarnings": "takes_earnings", "WithholdsDocuments": "withholds_documents",
        "RestrictsFinancialAccess": "restricts_financial_access", "PhysicalThreats": "threats",
        "ThreatensChildrenFamily": "threats", "ThreatsLawEnforcement": "threat_of_law_enforcement",
        "PhysicalAbuse": "physical_abuse", "ExcessiveWorkingHours": "excessive_working_hours",
        "WithholdsNecessities": "withholds_necessities",
    }  # fmt: skip
    with connection.cursor() as cursor:
        signs = [*indicators.indicators_by_key(), *mapping.EXPLOITATION, *mapping.CONTROL]
        cursor.execute("select sign, snapshot_control(sign) from unnest(%s::text[]) sign", [signs])
        found = dict(cursor.fetchall())
        cursor.execute("select snapshot_form(purpose) from unnest(%s::text[]) purpose", [[*Purpose.values]])
        forms = {form for (form,) in cursor.fetchall()}
    assert {found[sign] for sign in found if found[sign]} == set(MeansOfControl.values)
    expected = {sign: ours[theirs] for sign, theirs in mapping.CONTROL.items() if not sign.startswith("means.")}
    assert {sign: found[sign] for sign in expected} == expected
    beyond = {sign for sign, control in found.items() if control and sign not in expected}
    assert {sign.split(".")[0] for sign in beyond} == {
        "deceptive_recruitment", "coercive_recruitment", "coercion_destination"
    }  # fmt: skip
    assert {sign.split(".")[1] for sign in beyond if not sign.startswith("deceptive")} == {"isolation"}
    assert forms == set(ExploitationForm.values) - {SEVERAL, NOT_SAID}


def test_only_a_competent_body_makes_a_victim(person, counted, decided):
    person("act.recruitment", "means.threat", "purpose.sexual", age_at_events=30, age_certainty=Certainty.SURE)
    assert counted(Table.VICTIMS_BY_AGE) == {}
    child = person("purpose.sexual", age_at_events=15, age_certainty=Certainty.SURE, gender=Gender.FEMININE)
    decided(child)
    decided(person("purpose.begging", "purpose.servitude", at=ANOTHER_QUARTER, gender=Gender.MASCULINE))
    decided(person())
    assert counted(Table.VICTIMS_BY_AGE) == {"child": 1, "unknown": 2}
    assert counted(Table.VICTIMS_BY_GENDER) == {"feminine": 1, "masculine": 1, "unknown": 1}
    assert counted(Table.VICTIMS_BY_FORM) == {"sexual": 1, SEVERAL: 1, NOT_SAID: 1}


def test_a_victim_counts_once_on_the_first_decision_that_still_stands(person, counted, decided):
    twice = person(gender=Gender.FEMININE)
    decided(twice, day=DAY - timedelta(days=120))
    decided(twice)
    taken_back = person()
    decided(taken_back, day=DAY - timedelta(days=1))
    decided(taken_back, Status.NOT_A_VICTIM)
    late = person(gender=Gender.MASCULINE)
    decided(late, Status.NOT_A_VICTIM, day=DAY - timedelta(days=1))
    decided(late)
    again = person(gender=Gender.TRANSGENDER_FEMININE)
    decided(again, day=DAY - timedelta(days=120))
    decided(again, Status.NOT_A_VICTIM, day=DAY - timedelta(days=119))
    decided(again)
    assert counted(Table.VICTIMS_BY_GENDER) == {"masculine": 1, "transgender_feminine": 1}


def test_a_victim_in_two_records_is_counted_once(person, counted, decided, ana):
    one, other = person(gender=Gender.FEMININE), person()
    decided(other)
    merge(other, one, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.VICTIMS_BY_GENDER) == {"feminine": 1}


def test_what_was_signed_in_either_record_of_a_person_counts_and_the_newest_is_valid(person, counted, decided, ana):
    one, other = person("purpose.begging"), person("purpose.sexual", at=IN_THE_QUARTER + timedelta(hours=1))
    decided(other)
    merge(other, one, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.PERSONS_BY_PURPOSE) == counted(Table.VICTIMS_BY_FORM) == {"sexual": 1}


def test_each_kind_of_event_of_a_person_is_one_when_the_case_is_closed(person, counted, ana):
    closed, still_open = person(), person()
    for somebody in (closed, still_open):
        for kind, ubigeo in (
            (EventKind.RECRUITMENT, "150101"), (EventKind.RECRUITMENT, "080101"), (EventKind.EXPLOITATION, "170101")
        ):  # fmt: skip
            add_event(somebody, kind, by=ana, now=IN_THE_QUARTER, ubigeo=ubigeo, country="PE")
        mistake = add_event(somebody, EventKind.TRANSIT, by=ana, now=IN_THE_QUARTER, country="BO")
        mark_event_as_mistake(mistake, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.EVENTS) == {}
    close_case(case_of(closed, ana), Closing.SAFE, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.EVENTS) == {"recruitment": 1, "exploitation": 1}


def test_events_of_a_person_in_two_records_count_once_when_the_case_of_the_record_that_stays_is_closed(
    person, counted, ana
):
    one, other = person(), person()
    for somebody, kind in (
        (one, EventKind.RECRUITMENT), (other, EventKind.RECRUITMENT), (other, EventKind.EXPLOITATION)
    ):  # fmt: skip
        add_event(somebody, kind, by=ana, now=IN_THE_QUARTER, ubigeo="150101", country="PE")
    merge(other, one, by=ana, now=IN_THE_QUARTER)
    close_case(case_of(other, ana), Closing.SAFE, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.EVENTS) == {}
    close_case(case_of(one, ana), Closing.SAFE, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.EVENTS) == {"recruitment": 1, "exploitation": 1}


def test_alleged_perpetrators_of_new_cases_are_counted_and_without_duplicates(person, counted, ana):
    new, old = case_of(person(), ana), case_of(person(at=ANOTHER_QUARTER), ana)
    made = [
        add_person_to_case(case, Part.ALLEGED_PERPETRATOR, by=ana, now=IN_THE_QUARTER, gender=gender)
        for case, gender in ((new, Gender.MASCULINE), (new, Gender.MASCULINE), (new, ""), (old, Gender.FEMININE))
    ]
    merge(made[1], made[0], by=ana, now=IN_THE_QUARTER)
    assert counted(Table.PERPETRATORS) == {"masculine": 1, "unknown": 1}
