"""When a case is forgotten, its texts are gone for everybody, and the columns used in figures stay."""

import pytest
from django.utils import timezone

from amparo.care.cases.models import Case, Event, HandOver, Task
from amparo.care.cases.picklists import EventKind
from amparo.care.cases.rules import (
    add_event,
    change_case,
    close_case,
    hand_over,
    plan_task,
    sign_assessment,
    write_decision,
    write_note,
)
from amparo.care.cases.team import case_keys
from amparo.care.people.models import Identity, Person
from amparo.care.people.rules import describe_person, identify
from amparo.care.screening.models import Assessment, Recognition
from amparo.care.screening.rules import answer
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import WORKER, acting_as


@pytest.fixture
def full(case, ana, now, tomorrow) -> Case:
    """A case with text in every field that can hold text."""
    person = case.persons[0]
    change_case(case, based_on=0, situation="w", by=ana, now=now)
    write_note(case, "w", by=ana, now=now)
    plan_task(case, "ask", tomorrow, words="w", by=ana, now=now)
    hand_over(case, where_it_stands="w", by=ana, now=now)
    describe_person(person, remarks="w", by=ana, now=now)
    identify(person, purpose=Purpose.CARE, names="w w", by=ana, now=now)
    add_event(person, EventKind.RECRUITMENT, ubigeo="080101", country="PE", words="w", by=ana, now=now)
    answer(person, {"act.transfer": "yes"}, by=ana, now=now)
    sign_assessment(person, remark="w", by=ana, now=now)
    write_decision(person, "actual_victim", "police", document="w", decided_on=timezone.localdate(now), by=ana, now=now)
    close_case(case, "safe", words="w", by=ana, now=now)
    return Case.objects.get(pk=case.pk)


def sealed_values(*rows) -> list:
    return [
        (row, field.name)
        for row in rows
        for field in row._meta.concrete_fields
        if "Sealed" in type(field).__name__ and row.__dict__[field.attname] is not None
    ]


def rows(case: Case) -> list:
    """All rows of the case that can hold text."""
    people = Person.objects.filter(key=case.key_id)
    return [
        Case.objects.get(pk=case.pk), *case.entries.all(), *Task.objects.filter(case=case), *people,
        *Event.objects.filter(key=case.key_id), *HandOver.objects.filter(case=case),
        *Identity.objects.filter(person__in=people), *Assessment.objects.all(), *Recognition.objects.all(),
    ]  # fmt: skip


def test_its_words_are_gone_and_what_is_counted_stays(full):
    assert len(sealed_values(*rows(full))) >= 10  # the control: they were there
    keys = case_keys(full)
    with acting_as(WORKER):
        for key in keys:
            key.forget()
    assert sealed_values(*rows(full)) == []
    assert Event.objects.get().ubigeo == "080101"
    assert Case.objects.get().closing == "safe"


def test_it_is_seen_by_nobody_any_more(full, ana, marta):
    with acting_as(WORKER):
        full.key.forget()
    for who in (ana, marta):
        with acting_as(who.acting()):
            assert not Case.objects.exists()
            assert not Person.objects.exists()
