"""An unanswered return call is counted. It stays on the list until the person is reached or given up."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import SafeContact
from amparo.line.contacts.rules import (
    assign_callback,
    finish_message,
    give_up_calling,
    number_of_message,
    open_contact_of_return_call,
    record_reached,
    request_callback,
    safe_number,
    take_message,
)
from amparo.line.contacts.tasks import somebody_may_be_called_from
from amparo.line.roster.models import Queue
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import mark_seen, set_state, take_seat
from amparo.line.roster.shift_rules import issue_certificate, set_ringing_rules
from amparo.line.switchboard.attempts import RETRY_AFTER
from amparo.line.switchboard.models import Call, Direction, Ending, Hours, Message, State

NUMBER = "999 555 111"
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(2026, 11, 24, hour, minute))


@pytest.fixture
def card(write, fresh) -> SafeContact:
    """A card with safe hours from 16:00 to 17:30."""
    write(limits="yes")
    write(safe_number=NUMBER, safe_from="04:00", safe_to="05:30", safe_wanted="yes")
    return fresh().card


@pytest.fixture
def nobody_answers(contact, rufino):
    """A colleague places a return call that nobody answers."""

    def nobody_answers(when: datetime) -> Call:
        ended = {"state": State.ENDED, "ending": Ending.NO_ANSWER, "ended_at": when + MINUTE}
        call = Call.objects.create(arrived_at=when, direction=Direction.OUTGOING, operators=[rufino.pk], **ended)
        open_contact_of_return_call(contact, call, by=rufino, now=when)
        open_contact_of_return_call(contact, call, by=rufino, now=when)  # the same call again
        return call

    return nobody_answers


def waiting() -> list[SafeContact]:
    return list(SafeContact.objects.wanted())


def test_it_stays_on_the_list_with_its_attempts(card, nobody_answers):
    nobody_answers(at(4))
    nobody_answers(at(4, 30))
    [it] = waiting()
    assert (it.attempts, it.last_attempt_at) == (2, at(4, 30))


def test_the_next_attempt_waits_a_while_and_for_safe_hours(card, contact, nobody_answers, ana):
    nobody_answers(at(4))
    [it] = waiting()
    assert it.next_call_at(at(4, 1)) == at(4) + RETRY_AFTER
    with pytest.raises(Refused, match="04:15"):
        safe_number(contact, by=ana, now=at(4, 14))
    assert safe_number(contact, by=ana, now=at(4, 15)) == NUMBER
    nobody_answers(at(5, 20))
    [it] = waiting()
    assert it.next_call_at(at(5, 21)) == at(4) + timedelta(days=1)  # the pause ends outside safe hours
    with pytest.raises(Refused):
        safe_number(contact, by=ana, now=at(5, 35))


def test_the_numbers_are_not_for_who_has_no_certificate_while_a_certified_colleague_is_here(
    card, contact, message, ana, rufino, marta
):
    now = at(4, 15)
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    issue_certificate(rufino, Queue.CALLS, now + timedelta(minutes=5), by=marta, now=now)
    take_seat(by=rufino, now=now)
    set_state(SeatState.READY, by=rufino, now=now)
    mark_seen(rufino.pk, now)
    Message.objects.update(hours=Hours.ANY)
    for look_up, what in ((safe_number, contact), (number_of_message, message)):
        with pytest.raises(Refused, match="certificado para llamadas"):
            look_up(what, by=ana, now=now)
        assert look_up(what, by=rufino, now=now)
        assert look_up(what, by=ana, now=now + timedelta(minutes=5)), "control: now nobody certified is here"


def test_consoles_hear_when_the_pause_is_over(card, nobody_answers):
    nobody_answers(at(4, 1))
    assert not somebody_may_be_called_from(at(4, 15))
    assert somebody_may_be_called_from(at(4, 16))
    assert not somebody_may_be_called_from(at(4, 17))


def test_a_person_who_was_reached_leaves_the_list(card, nobody_answers, rufino):
    nobody_answers(at(4))
    record_reached(card, by=rufino, now=at(4, 40))
    assert waiting() == []
    assert record_reached(card, by=rufino, now=at(4, 41)).given_up == ""  # a second time changes nothing
    assert Entry.objects.filter(what="record_reached", user_id=rufino.pk).count() == 2


def test_only_an_operator_who_called_records_the_outcome(card, ana):
    with pytest.raises(Refused):
        record_reached(card, by=ana, now=at(4))
    assert len(waiting()) == 1


def test_giving_up_needs_a_reason(card, nobody_answers, ana):
    nobody_answers(at(4))
    for why in ("", "invented"):
        with pytest.raises(Refused):
            give_up_calling(card, why, by=ana, now=at(5))
    assert len(waiting()) == 1
    assert give_up_calling(card, "no_answer", by=ana, now=at(5)).given_up == "no_answer"
    assert waiting() == []


def test_a_colleague_who_took_no_part_gives_up_for_the_person(card, rufino):
    """They see the card that awaits a call, and not its contact."""
    assert give_up_calling(card, "unsafe", by=rufino, now=at(5)).given_up == "unsafe"
    assert waiting() == []


def test_after_giving_up_the_shift_cannot_open_the_card(card, rufino, ana):
    give_up_calling(card, "requested", by=ana, now=at(5))
    with pytest.raises(Refused):
        record_reached(card, by=rufino, now=at(5))


def test_a_new_request_starts_a_new_count_of_attempts(card, nobody_answers, write, ana):
    nobody_answers(at(4))
    give_up_calling(card, "no_answer", by=ana, now=at(5))
    write(safe_wanted="yes")
    [it] = waiting()
    assert (it.attempts, it.last_attempt_at, it.given_up) == (0, at(4), "")  # the pause goes on


def test_a_stranger_can_neither_record_reached_nor_give_up(card, stranger):
    for verb in (record_reached, lambda card, **by: give_up_calling(card, "requested", **by)):
        with pytest.raises(Refused):
            verb(card, by=stranger, now=at(5))


def test_a_number_left_in_the_queue_is_counted_too(message, call, rufino):
    contact = take_message(message, by=rufino, now=at(9))
    again = Call.objects.create(arrived_at=at(9), direction=Direction.OUTGOING, operators=[rufino.pk])
    Message.objects.update(hours=Hours.MORNING)
    open_contact_of_return_call(contact, again, by=rufino, now=at(11, 50))
    it = Message.objects.open().get()
    assert (it.attempts, it.last_attempt_at) == (1, at(11, 50))
    assert "12:05" in str(it.why_not_at(at(11, 55)))
    assert it.next_call_at(at(11, 55)) == at(6) + timedelta(days=1)
    with pytest.raises(Refused):
        finish_message(it, given_up="invented", by=rufino, now=at(12))
    finish_message(it, given_up="no_answer", by=rufino, now=at(12))
    assert [m.given_up for m in Message.objects.all()] == ["no_answer"]
    assert not Message.objects.open().exists()


def test_a_return_call_is_given_to_a_named_colleague(card, nobody_answers, ana, rufino):
    [it] = waiting()
    assert assign_callback(it, rufino, by=ana).assigned_to == rufino
    assert waiting()[0].assigned_to == rufino
    nobody_answers(at(4))
    assert record_reached(card, by=ana, now=at(5)).assigned_to is None
    with pytest.raises(Refused, match="llamadas por devolver"):
        assign_callback(card, rufino, by=ana)


def test_it_is_given_only_to_who_takes_calls(card, ana):
    auditor = User.objects.create(username="vera", role=Role.AUDITOR)
    with pytest.raises(Refused, match="quien atiende llamadas"):
        assign_callback(card, auditor, by=ana)
    with pytest.raises(Refused):
        assign_callback(card, ana, by=auditor)


def test_a_case_puts_its_person_on_the_list_again(card, contact, nobody_answers, ana):
    nobody_answers(at(4))
    record_reached(card, by=ana, now=at(5))
    assert waiting() == []
    for _ in range(2):
        request_callback(card, by=ana)
    [it] = waiting()
    assert (it.attempts, it.last_attempt_at) == (0, at(4))  # the pause since the last attempt still holds


def test_nobody_is_called_from_a_case_without_a_safe_number_and_hours(write, fresh, ana):
    write(limits="yes")
    write(safe_from="04:00", safe_to="05:30")
    with pytest.raises(Refused, match="No hay número seguro"):
        request_callback(fresh().card, by=ana)
    write(safe_number=NUMBER, safe_from="", safe_to="")
    with pytest.raises(Refused, match="No hay horas seguras"):
        request_callback(fresh().card, by=ana)
    assert waiting() == []
