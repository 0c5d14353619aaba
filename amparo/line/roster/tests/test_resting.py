"""After hard contacts calls ring for others first. The person and supervisors see it, nobody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Queue, Rest
from amparo.line.roster.ringing import ringing_limits
from amparo.line.roster.rules import current_rest, end_rest, start_rest_after_hard_contact
from amparo.line.roster.shift_rules import set_rest_rules, set_ringing_rules

NOW = timezone.now()


def found_hard(by, hard_contacts: int = 1, *, wants_to_talk: bool = False, now=NOW) -> Rest | None:
    with acting_as(by.acting()):
        start_rest_after_hard_contact(hard_contacts, wants_to_talk=wants_to_talk, by=by, now=now)
        return current_rest(by, now)


def test_who_asks_to_talk_rests_at_once(ana):
    assert found_hard(ana, wants_to_talk=True).until == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(("hard_contacts", "rests"), [(1, False), (2, True), (3, True)])
def test_others_rest_after_some_hard_contacts_of_a_shift(ana, hard_contacts, rests):
    assert (found_hard(ana, hard_contacts) is not None) == rests


def test_a_supervisor_sets_how_many_and_how_long_and_switches_it_off(ana, marta):
    set_rest_rules(rests=True, rest_after=1, rest_minutes=30, by=marta)
    assert found_hard(ana).until == NOW + timedelta(minutes=30)
    set_rest_rules(rests=False, rest_after=1, rest_minutes=30, by=marta)
    with acting_as(ana.acting()):
        assert ringing_limits(Queue.CALLS, NOW).rests_until(ana.pk) == 0.0  # switching off ends a running rest
    assert found_hard(ana, now=NOW + timedelta(hours=1)) is None


def test_the_other_rules_stay_when_one_is_set(ana, marta):
    set_rest_rules(rests=False, rest_after=3, rest_minutes=20, by=marta)
    rules = set_ringing_rules(by_shift=True, by_certificate=False, by=marta)
    set_rest_rules(rests=False, rest_after=3, rest_minutes=20, by=marta)
    with acting_as(marta.acting()):
        kept = type(rules).current()
    assert (kept.by_shift, kept.rests, kept.rest_after, kept.rest_minutes) == (True, False, 3, 20)


@pytest.mark.parametrize("wrong", [{"rest_after": 0}, {"rest_minutes": 0}, {"rest_minutes": 999}])
def test_a_rest_is_bounded_and_only_supervisors_set_it(ana, marta, wrong):
    with pytest.raises(Refused):
        set_rest_rules(**{"rests": True, "rest_after": 2, "rest_minutes": 15} | wrong, by=marta)
    with pytest.raises(Refused):
        set_rest_rules(rests=False, rest_after=2, rest_minutes=15, by=ana)


def test_it_ends_by_itself_or_when_the_person_says_so(ana):
    found_hard(ana, wants_to_talk=True)
    with acting_as(ana.acting()):
        assert current_rest(ana, NOW + timedelta(minutes=14)) is not None
        assert current_rest(ana, NOW + timedelta(minutes=15)) is None
    for _twice in range(2):
        end_rest(by=ana, now=NOW + timedelta(minutes=1))
    with acting_as(ana.acting()):
        assert current_rest(ana, NOW + timedelta(minutes=2)) is None


def test_a_late_earlier_contact_does_not_shorten_it(ana):
    found_hard(ana, wants_to_talk=True)
    found_hard(ana, wants_to_talk=True, now=NOW - timedelta(days=1))
    with acting_as(ana.acting()):
        assert current_rest(ana, NOW + timedelta(minutes=14)) is not None


def test_no_colleague_sees_it(ana, rufino, marta):
    found_hard(ana, wants_to_talk=True)
    for reader, sees in ((rufino, False), (ana, True), (marta, True)):
        with acting_as(reader.acting()):
            assert Rest.objects.exists() == sees, reader
    with acting_as(marta.acting()):
        assert Rest.objects.update(until=NOW) == 0  # nobody ends the rest of another
