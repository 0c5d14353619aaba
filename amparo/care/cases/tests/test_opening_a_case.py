"""A case is opened from a contact, once, with a member in charge and a dated next task."""

from datetime import timedelta

import pytest

from amparo.care.cases.models import Case, CaseEntry
from amparo.care.cases.picklists import EntryKind, State
from amparo.care.cases.rules import include_contact, open_case
from amparo.care.people.picklists import Part
from amparo.foundation.audit.models import Entry as LedgerEntry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.picklists import CallerRole, Urgency
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, DangerAlert
from amparo.line.switchboard.models import State as CallState


def test_it_begins_in_a_contact_with_a_next_task_and_a_date(case, contact, ana, now):
    assert case.is_open
    assert case.state == State.NEW
    assert case.holder == ana
    assert case.next_task.is_open
    assert case.next_due == case.next_task.due == now + timedelta(days=30)
    assert contact.inclusion.case == case
    assert [entry.kind for entry in case.entries.order_by("number")] == [EntryKind.OPENED, EntryKind.CONTACT]


def test_the_more_urgent_the_sooner(contact, ana, now):
    contact.urgency = "immediate"
    contact.save(update_fields=["urgency"])
    assert open_case(contact, by=ana, now=now).next_due == now + timedelta(hours=1)


def test_danger_that_was_marked_in_the_call_is_urgent_unless_the_operator_says_otherwise(contact, ana, now):
    DangerAlert.objects.create(call=contact.call, at=now, raised_by=ana)
    case = open_case(contact, by=ana, now=now)
    assert (case.urgency, case.next_due) == (Urgency.IMMEDIATE, now + timedelta(hours=1))


def test_doing_it_twice_opens_one(case, contact, ana, now):
    assert open_case(contact, by=ana, now=now) == case
    assert Case.objects.count() == 1


def test_who_calls_and_who_is_at_risk_are_two_records_even_for_one_human(contact, ana, now):
    contact.caller_role = CallerRole.PERSON_AT_RISK
    contact.save(update_fields=["caller_role"])
    at_risk, caller = open_case(contact, by=ana, now=now).persons
    assert (at_risk.part, caller.part) == (Part.AT_RISK, Part.CALLER)
    assert caller.same_human_as == at_risk
    assert at_risk.languages == caller.languages == ["qu"]


def test_somebody_elses_call_says_nothing_of_who_is_at_risk(case):
    at_risk, caller = case.persons
    assert caller.same_human_as is None
    assert at_risk.languages == []


def test_a_stranger_cannot_open_one_from_what_is_not_theirs(contact, stranger, now):
    with pytest.raises(Refused):
        open_case(contact, by=stranger, now=now)
    assert not Case.objects.exists()


def test_who_follows_no_cases_is_refused(contact, outsider, now):
    with pytest.raises(Refused):
        open_case(contact, by=outsider, now=now)


def test_only_the_team_and_supervisors_see_it(case, ana, marta, stranger):
    seen = {}
    for who in (ana, marta, stranger):
        with acting_as(who.acting()):
            seen[who] = (Case.objects.count(), Case.objects.visible_to(who).count(), CaseEntry.objects.count())
    assert seen == {ana: (1, 1, 2), marta: (1, 1, 2), stranger: (0, 0, 0)}


def test_it_is_written_in_the_ledger(case):
    assert LedgerEntry.objects.filter(what="open_case", key=case.key_id).count() == 1


def test_another_contact_joins_it_and_the_team_may_read_it(team, ana, ines, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=CallState.TALKING, operators=[ana.pk])
    again = open_contact(call, by=ana, now=now)
    include_contact(team, again, by=ana, now=now)
    include_contact(team, again, by=ana, now=now)
    with acting_as(ines.acting()):
        assert type(again).objects.visible_to(ines).count() == 2
    assert team.entries.filter(kind=EntryKind.CONTACT).count() == 2


def test_a_contact_belongs_to_one_case(case, ana, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=CallState.TALKING, operators=[ana.pk])
    other = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    with pytest.raises(Refused, match="another case"):
        include_contact(case, other.inclusions.get().contact, by=ana, now=now)
