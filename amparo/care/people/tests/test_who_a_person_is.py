"""An identity is separate from the case work, and every access to it has a stated purpose."""

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.care.people.codenames import PAIRS, code_name
from amparo.care.people.models import Identity, Person
from amparo.care.people.picklists import Age, Part
from amparo.care.people.rules import add_person, describe_person, identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.refusal import Refused


def test_a_code_name_is_two_words_and_does_not_come_back_soon():
    names = {code_name(number) for number in range(1, PAIRS + 1)}
    assert len(names) == PAIRS
    assert all(len(name.split()) == 2 for name in names)


def test_the_identity_has_a_key_of_its_own_held_by_the_same_people(person, ana, now):
    identity = identify(person, purpose=Purpose.CARE, names="Inventada Demo", by=ana, now=now)
    assert identity.key_id != person.key_id
    assert set(identity.key.grants.values_list("holder")) == set(person.key.grants.values_list("holder"))


def test_every_access_to_an_identity_logs_its_purpose(person, ana, now):
    identify(person, purpose=Purpose.CARE, names="Inventada Demo", by=ana, now=now)
    with acting_as(ana.acting(Purpose.DANGER)):
        assert Identity.objects.get().names == "Inventada Demo"
    look = Entry.objects.filter(what="look", about=f"identity {person.pk}").order_by("-pk").first()
    assert look.purpose == Purpose.DANGER


def test_fields_that_are_not_given_keep_their_value(person, ana, now):
    identify(person, purpose=Purpose.CARE, names="Inventada Demo", phone="987 654 321", by=ana, now=now)
    identify(person, purpose=Purpose.CARE, phone="", by=ana, now=now)
    with acting_as(ana.acting(Purpose.CARE)):
        identity = Identity.objects.get()
        assert (identity.names, identity.phone) == ("Inventada Demo", None)


def test_a_stranger_sees_neither(person, ana, stranger, now):
    identify(person, purpose=Purpose.CARE, names="Inventada Demo", by=ana, now=now)
    with acting_as(stranger.acting(Purpose.CARE)):
        assert not Person.objects.exists()
        assert not Identity.objects.exists()
    with pytest.raises(Refused):
        identify(person, purpose=Purpose.CARE, names="Otra", by=stranger, now=now)
    with pytest.raises(Refused):
        describe_person(person, gender="masculine", by=stranger, now=now)


@pytest.mark.parametrize(("years", "age"), [(None, Age.UNKNOWN), (17, Age.CHILD), (18, Age.ADULT)])
def test_the_age_that_the_law_asks_is_that_of_the_events(person, ana, now, years, age):
    sure = "sure" if years is not None else ""
    assert describe_person(person, age_at_events=years, age_certainty=sure, by=ana, now=now).age == age


def test_the_same_human_in_another_part_is_another_record(person, ana, now):
    caller = add_person(person.key, Part.CALLER, same_human_as=person, by=ana, now=now)
    assert caller.pk != person.pk
    with pytest.raises(Refused, match="another part"):
        add_person(person.key, Part.AT_RISK, same_human_as=person, by=ana, now=now)


def test_an_age_group_is_used_if_no_number_is_known(person, ana, now):
    for group, age in (("adult", Age.ADULT), ("child", Age.CHILD), ("unknown", Age.UNKNOWN)):
        assert describe_person(person, based_on=99, age_group=group, by=ana, now=now).age == age


def test_who_was_a_child_then_may_be_grown_up_today(person, ana, now):
    known = describe_person(person, age_at_events=14, age_certainty="sure", by=ana, now=now)
    assert (known.years_now, known.age_today) == (14, Age.CHILD)  # nobody said another age: protect her as a child
    known = describe_person(known, age_now=20, by=ana, now=now)
    assert (known.age, known.age_today, known.years_now) == (Age.CHILD, Age.ADULT, 20)
    known.age_now_on = timezone.localdate(now) - timedelta(days=3 * 366)
    assert known.years_now == 23


def test_one_human_in_two_parts_is_as_old_in_both(person, ana, now):
    describe_person(person, age_at_events=30, age_certainty="sure", by=ana, now=now)
    caller = add_person(person.key, Part.CALLER, same_human_as=person, by=ana, now=now)
    caller = Person.objects.get(pk=caller.pk)
    assert (caller.age, caller.age_today) == (Age.ADULT, Age.ADULT)


def test_two_who_describe_her_at_once_keep_both_and_overwrite_nothing(person, ana, now):
    describe_person(person, based_on=0, gender="feminine", by=ana, now=now)
    describe_person(person, based_on=0, ubigeo_now="08", by=ana, now=now)
    with pytest.raises(EditConflict) as refusal:
        describe_person(person, based_on=0, gender="masculine", age_now=30, by=ana, now=now)
    assert (refusal.value.field, refusal.value.theirs) == ("gender", "feminine")
    known = Person.objects.get(pk=person.pk)
    assert (known.gender, known.ubigeo_now, known.age_now, known.version) == ("feminine", "08", None, 2)
    assert describe_person(known, age_now=0, by=ana, now=now).years_now == 0  # a baby's age is one
