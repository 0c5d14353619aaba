"""Duplicates are suggested and never merged automatically; a merge can be undone."""

import pytest

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person, identify, merge, suggest_duplicates, unmerge
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused

WHY = Purpose.CARE


@pytest.fixture
def known(ana, file_of, now):
    """A person in a file of their own, with a recorded name."""

    def known(names: str, phone: str = "", part: Part = Part.AT_RISK, by=ana) -> Person:
        person = add_person(file_of(by), part, by=by, now=now)
        identify(person, purpose=WHY, names=names, phone=phone, by=by, now=now)
        return person

    return known


def suggested(person, ana, now) -> list[Person]:
    return suggest_duplicates(person, purpose=WHY, by=ana, now=now)


def test_the_same_name_in_another_order_and_spelling_is_suggested(known, ana, now):
    one, other = known("María Quispe Inventada"), known("QUISPE INVENTADA, MARIA")
    assert suggested(one, ana, now) == [other]


def test_the_same_number_is_suggested(known, ana, now):
    one, other = known("Uno Inventado", "987 654 321"), known("Otro Inventado", "+51987654321")
    assert suggested(one, ana, now) == [other]


def test_a_number_that_cannot_be_searched_leaves_the_name(known, ana, now):
    one, other = known("María Quispe", "no tiene"), known("Maria Quispe", "no tiene")
    known("Otra Inventada", "no tiene")
    assert suggested(one, ana, now) == [other]


def test_a_suggestion_merges_nobody(known, ana, now):
    one, _other = known("María Quispe"), known("Maria Quispe")
    suggested(one, ana, now)
    assert Person.objects.without_duplicates().count() == 2


def test_invisible_people_are_not_suggested(known, ana, stranger, now):
    one = known("María Quispe")
    known("María Quispe", by=stranger)
    assert suggested(one, ana, now) == []


def test_a_stranger_is_refused_and_leaves_no_entry(known, ana, stranger, now):
    one = known("María Quispe")
    with pytest.raises(Refused, match="you have no access"):
        suggested(one, stranger, now)
    assert not Entry.objects.filter(what="suggest_duplicates").exists()


def test_another_part_is_no_duplicate(known, ana, now):
    one = known("María Quispe")
    known("María Quispe", part=Part.ALLEGED_PERPETRATOR)
    assert suggested(one, ana, now) == []


def test_a_merge_moves_nothing_and_is_undone(known, ana, now):
    one, other = known("María Quispe"), known("Maria Quispe")
    merge(one, other, by=ana, now=now)
    assert list(Person.objects.without_duplicates()) == [other]
    assert suggested(other, ana, now) == []
    for _ in range(2):
        unmerge(one, by=ana, now=now)
    assert Person.objects.without_duplicates().count() == 2
    assert Person.objects.get(pk=one.pk).identity is not None


def test_no_chains_of_merges(known, ana, now):
    one, other, third = known("A Inventada"), known("B Inventada"), known("C Inventada")
    merge(one, other, by=ana, now=now)
    with pytest.raises(Refused, match="merged itself"):
        merge(third, one, by=ana, now=now)
    with pytest.raises(Refused, match="Part them first"):
        merge(other, third, by=ana, now=now)


def test_a_stranger_merges_nobody(known, stranger, now):
    one, other = known("A Inventada"), known("B Inventada")
    with pytest.raises(Refused):
        merge(one, other, by=stranger, now=now)
    assert Person.objects.without_duplicates().count() == 2
