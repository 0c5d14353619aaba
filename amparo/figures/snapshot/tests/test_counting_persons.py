"""Persons in new cases and closed cases, counted by a publisher who sees none of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EventKind
from amparo.care.cases.rules import add_event, add_person_to_case, close_case, mark_event_as_mistake, open_case
from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Certainty, Gender, Part
from amparo.care.people.rules import merge
from amparo.figures.conftest import IN_THE_QUARTER
from amparo.figures.snapshot.picklists import NOT_SAID, SEVERAL
from amparo.figures.snapshot.rules import count_months
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.picklists import Changes, OwnWord
from amparo.foundation.words import rules as words
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call

pytestmark = pytest.mark.django_db

type Opens = Callable[..., Case]


@pytest.fixture
def opens(ana: User) -> Opens:
    """Open a case in the quarter. It begins with one person at risk, without any data."""

    def open_one(at: Any = IN_THE_QUARTER) -> Case:
        call = Call.objects.create(arrived_at=at, answered_at=at, operators=[ana.pk])
        return open_case(open_contact(call, by=ana, now=at), by=ana, now=at)

    return open_one


@pytest.fixture
def person(opens: Opens, ana: User) -> Callable[..., Person]:
    """The person at risk of a new case, with what is known."""

    def introduced(case: Case | None = None, **known: Any) -> Person:
        case = case or opens()
        with acting_as(ana.acting()):
            Person.objects.filter(key=case.key_id, part=Part.AT_RISK).update(**known or {"gender": ""})
            return Person.objects.get(key=case.key_id, part=Part.AT_RISK)

    return introduced


@pytest.fixture
def counted(paula: User, quarter, now) -> Callable[[Table], dict[str, int]]:
    def count(table: Table) -> dict[str, int]:
        return {cell: n for cell, n in count_months(quarter, by=paula, now=now).counts_of(table).items() if n}

    return count


def test_persons_are_counted_by_age_and_gender(person, counted):
    person(age_at_events=15, age_certainty=Certainty.SURE, gender=Gender.FEMININE)
    person(age_at_events=18, age_certainty=Certainty.ESTIMATED, gender=Gender.MASCULINE)
    person(age_group=Age.CHILD)
    person()
    assert counted(Table.PERSONS_BY_AGE) == {"child": 2, "adult": 1, "unknown": 1}
    assert counted(Table.PERSONS_BY_GENDER) == {"feminine": 1, "masculine": 1, "unknown": 2}


def test_persons_are_counted_by_nationality(person, counted):
    for citizenship in ("PE", "PE", "VE", "BO", "HT", ""):
        person(citizenship=citizenship)
    assert counted(Table.PERSONS_BY_NATIONALITY) == {"PE": 2, "VE": 1, "BO": 1, "abroad": 1, NOT_SAID: 1}


def test_every_table_of_persons_divides_all_of_them(person, quarter, paula, now):
    person(age_at_events=15, age_certainty=Certainty.SURE, gender=Gender.FEMININE)
    person()
    snapshot = count_months(quarter, by=paula, now=now)
    tables = [table for table in Table if table.population == "persons"]
    divided = {
        (table, cell): sum(snapshot.partition_counts(table, cell).values())
        for table in tables
        for cell in table.partitions
    }
    assert divided == dict.fromkeys(divided, 2)


def test_only_persons_at_risk_are_counted_and_without_duplicates(person, counted, opens, ana):
    case = opens()
    one = person(case)
    again, *_others = [
        add_person_to_case(case, part, by=ana, now=IN_THE_QUARTER)
        for part in (Part.AT_RISK, Part.CALLER, Part.ALLEGED_PERPETRATOR)
    ]
    merge(again, one, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.PERSONS_BY_AGE) == {"unknown": 1}


def test_a_case_of_another_quarter_is_not_counted(opens, person, counted):
    person(opens(IN_THE_QUARTER - timedelta(days=120)))
    assert counted(Table.PERSONS_BY_AGE) == {}


def test_a_route_leads_from_recruitment_to_exploitation(person, counted, ana):
    here = person(ubigeo_origin="080101")
    for kind, ubigeo, day in (
        (EventKind.RECRUITMENT, "210101", date(2026, 2, 1)),
        (EventKind.RECRUITMENT, "150101", date(2026, 1, 1)),
        (EventKind.EXPLOITATION, "170101", None),
    ):
        add_event(here, kind, by=ana, now=IN_THE_QUARTER, ubigeo=ubigeo, country="PE", since=day)
    add_event(person(ubigeo_origin="080101"), EventKind.EXPLOITATION, by=ana, now=IN_THE_QUARTER, country="BO")
    came = person()
    add_event(came, EventKind.RECRUITMENT, by=ana, now=IN_THE_QUARTER, country="VE")
    add_event(came, EventKind.EXPLOITATION, by=ana, now=IN_THE_QUARTER, ubigeo="150101", country="PE")
    person(ubigeo_origin="080101")
    assert counted(Table.ROUTES) == {"15>17": 1, "08>BO": 1, "abroad>15": 1, NOT_SAID: 1}


def test_an_event_written_by_mistake_makes_no_route(person, counted, ana):
    event = add_event(person(ubigeo_origin="08"), EventKind.EXPLOITATION, by=ana, now=IN_THE_QUARTER, country="BO")
    mark_event_as_mistake(event, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.ROUTES) == {NOT_SAID: 1}


def test_a_person_in_two_records_has_one_route_made_of_both(person, counted, ana):
    one, other = person(), person(ubigeo_origin="080101")
    for somebody, kind, ubigeo in (
        (one, EventKind.TRANSIT, "150101"), (other, EventKind.TRANSIT, "150101"), (other, EventKind.EXPLOITATION, "17")
    ):  # fmt: skip
        add_event(somebody, kind, by=ana, now=IN_THE_QUARTER, ubigeo=ubigeo, country="PE")
    assert counted(Table.ROUTES) == {"08>17": 1, NOT_SAID: 1}
    merge(other, one, by=ana, now=IN_THE_QUARTER)
    assert (counted(Table.ROUTES), counted(Table.TRANSIT)) == ({"08>17": 1}, {"15": 1})


def test_transit_is_one_place_several_or_not_said(person, counted, ana):
    for ubigeos in (["080101"], ["080101", "080901"], ["080101", "150101"], []):
        somebody = person()
        for ubigeo in ubigeos:
            add_event(somebody, EventKind.TRANSIT, by=ana, now=IN_THE_QUARTER, ubigeo=ubigeo, country="PE")
    assert counted(Table.TRANSIT) == {"08": 2, SEVERAL: 1, NOT_SAID: 1}


def test_cases_that_ended_are_counted_by_their_reason(opens, counted, ana):
    for closing in (Closing.SAFE, Closing.SAFE, Closing.LOST):
        close_case(opens(), closing, by=ana, now=IN_THE_QUARTER)
    opens()
    assert counted(Table.CLOSED) == {"safe": 2, "lost": 1}


def test_a_reason_that_the_line_added_counts_under_the_shipped_one_that_was_chosen(opens, counted, ana):
    added = OwnWord("Otro invented", counts_as="lost"), OwnWord("Sin cuenta invented")
    words.keep({"closings": Changes(words=(("own-01", added[0]), ("own-02", added[1])))})
    for closing in ("own-01", "own-02", Closing.LOST, Closing.SAFE):
        close_case(opens(), closing, by=ana, now=IN_THE_QUARTER)
    assert counted(Table.CLOSED) == {"safe": 1, "lost": 2}
