"""One human has one record per part. The records point to one of them, never in a circle; the lower age counts."""

import pytest

from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Part
from amparo.care.people.rules import add_person, describe_person, merge
from amparo.foundation.core.refusal import Refused


@pytest.fixture
def somebody(person, ana, now):
    return lambda part, **known: add_person(person.key, part, by=ana, now=now, **known)


@pytest.fixture
def say(ana, now):
    def say(person, other) -> Person:
        return describe_person(Person.objects.get(pk=person.pk), same_human_as=other, by=ana, now=now)

    return say


def test_two_do_not_point_to_each_other(person, somebody, say):
    caller = somebody(Part.CALLER)
    say(caller, person)
    assert say(caller, person).same_human_as == person  # said twice
    with pytest.raises(Refused, match=f"on the page of «{caller.code_name}»"):
        say(person, caller)
    assert Person.objects.get(pk=person.pk).age_today == Age.UNKNOWN


def test_two_at_risk_are_not_one_caller(person, somebody, say):
    """Otherwise the consent of one caller would count for two people."""
    caller, other = somebody(Part.CALLER), somebody(Part.AT_RISK)
    say(caller, person)
    with pytest.raises(Refused, match="another part"):
        say(somebody(Part.CALLER), person)
    with pytest.raises(Refused, match="page of"):
        say(other, caller)
    assert say(caller, other).same_human_as == other  # corrected


def test_one_through_another_is_refused(person, somebody, say):
    caller, alleged = somebody(Part.CALLER), somebody(Part.ALLEGED_PERPETRATOR)
    say(alleged, caller)
    with pytest.raises(Refused, match="another part"):
        say(caller, person)
    say(alleged, None)
    say(caller, person)
    with pytest.raises(Refused, match="another part"):
        say(alleged, caller)


def test_one_of_another_case_is_refused(person, somebody, say, file_of, ana, stranger, now):
    for user in (ana, stranger):
        with pytest.raises(Refused):
            say(somebody(Part.CALLER), add_person(file_of(user), Part.AT_RISK, by=user, now=now))


def test_a_duplicate_is_not_counted(person, somebody, say, ana, now):
    caller, again = somebody(Part.CALLER), somebody(Part.CALLER)
    say(again, person)
    merge(again, caller, by=ana, now=now)
    assert say(caller, person).same_human_as == person


def test_the_lower_of_two_ages_counts(person, somebody, ana, now):
    describe_person(person, age_at_events=15, age_certainty="sure", by=ana, now=now)
    caller = somebody(Part.CALLER, age_at_events=30, age_certainty="sure", same_human_as=person)
    caller = Person.objects.get(pk=caller.pk)
    assert (caller.years_now, caller.age_today) == (15, Age.CHILD)
    person = Person.objects.get(pk=person.pk)
    described = describe_person(person, age_at_events=None, age_certainty="", age_now=16, by=ana, now=now)
    caller = describe_person(caller, age_now=40, by=ana, now=now)
    assert (described.age_today, Person.objects.get(pk=caller.pk).age_today) == (Age.CHILD, Age.CHILD)


def test_somebody_new_has_an_age_of_today(somebody, now):
    assert somebody(Part.AT_RISK, age_now=20).years_now == 20
