"""What we write keeps the safe hours of the card, as a call does. Whoever writes to us is there, and is answered."""

import uuid

import pytest

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import outside_hours
from amparo.line.channels.safe_hours import safe_hours_of
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Delivery
from amparo.line.chat.rules import end_chat, hand_back
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Type
from amparo.line.contacts.rules import link, open_contact, take_chat, wrap_up
from amparo.line.switchboard.models import Call

from .evening import EVENING, FROM_8_TO_12, HER, HOUR, MINUTE, MORNING, OTHER, ours, say, writes


def test_an_answer_outside_the_safe_hours_leaves_when_they_begin_and_once(chat, gateway, reply):
    reply("an answer", EVENING + HOUR)
    for at in (EVENING + HOUR, EVENING + 5 * HOUR, MORNING - MINUTE):
        deliver(Sms(), at)
        assert (gateway.texts[1:], ours()) == ([], [Delivery.PENDING])
    for at in (MORNING, MORNING + MINUTE):
        deliver(Sms(), at)
        assert (gateway.texts[1:], ours()) == (["an answer"], [Delivery.SENT])


@pytest.mark.parametrize("card", [{"safe_from": "", "safe_to": ""}, {"safe_any_hour": "yes"}, {"safe_from": ""}])
def test_control_without_hours_on_the_card_an_answer_leaves_at_once(chat, gateway, reply, ana, card):
    say(Contact.objects.get(), ana, **card)
    reply("an answer", EVENING + HOUR)
    assert gateway.texts[1:] == ["an answer"]


def test_control_within_the_hours_it_leaves_at_once(chat, gateway, reply):
    reply("an answer", MORNING + HOUR)
    assert gateway.texts[1:] == ["an answer"]


@pytest.mark.parametrize(("late", "leaves"), [(14 * MINUTE, True), (15 * MINUTE, False)])
def test_somebody_who_has_just_written_is_answered_at_any_hour(chat, gateway, reply, late, leaves):
    reply("an answer", EVENING + late)
    assert gateway.texts[1:] == ["an answer"] * leaves


def test_two_messages_in_a_row_hold_up_no_answer_to_the_first(chat, gateway, reply):
    gateway.status = 503
    reply("an answer", EVENING + 10 * MINUTE)
    gateway.status = 200
    writes(EVENING + 11 * MINUTE)
    assert gateway.texts[1:] == ["an answer"]


def test_what_waits_leaves_in_order_when_they_write_and_are_answered_and_not_before_they_are_read(chat, gateway, reply):
    """They may have written that somebody else has the telephone now."""
    reply("first", EVENING + HOUR)
    writes(EVENING + 2 * HOUR, "do not write to me now")
    assert gateway.texts[1:] == []
    reply("second", EVENING + 2 * HOUR + MINUTE)
    assert gateway.texts[1:] == ["first", "second"]


def test_a_provider_that_was_away_until_the_hours_had_ended_sends_in_the_next_ones(chat, gateway, reply):
    gateway.server.stop()
    reply("an answer", MORNING + HOUR)
    gateway.server.start()
    deliver(Sms(), MORNING + 4 * HOUR)
    assert gateway.texts[1:] == []
    deliver(Sms(), MORNING + 24 * HOUR)
    assert gateway.texts[1:] == ["an answer"]


def test_the_card_counts_as_it_is_when_the_answer_would_leave(chat, gateway, reply, ana):
    reply("an answer", EVENING + HOUR)
    say(Contact.objects.get(), ana, safe_from="10:00")
    deliver(Sms(), MORNING)
    assert gateway.texts[1:] == []
    say(Contact.objects.get(), ana, safe_any_hour="yes")
    deliver(Sms(), MORNING)
    assert gateway.texts[1:] == ["an answer"]


@pytest.mark.parametrize("step", ["hand_back", "end"])
def test_it_waits_as_well_after_the_conversation_was_handed_back_or_ended(chat, gateway, reply, ana, step):
    reply("an answer", EVENING + HOUR)
    if step == "end":
        end_chat(chat, by=ana, now=EVENING + HOUR)
        wrap_up(Contact.objects.get(), type=Type.CRISIS, key=uuid.uuid4(), by=ana, now=EVENING + HOUR)
    else:
        hand_back(chat, by=ana, now=EVENING + HOUR)
    deliver(Sms(), EVENING + HOUR)
    assert gateway.texts[1:] == []
    deliver(Sms(), MORNING)
    assert gateway.texts[1:] == ["an answer"]


def test_a_call_that_goes_on_in_writing_keeps_the_hours_of_its_card(ana, gateway, reply):
    call = Call.objects.create(arrived_at=EVENING, answered_at=EVENING, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=EVENING)
    say(contact, ana, limits="yes", **FROM_8_TO_12)
    take_chat(writes(EVENING), into=contact.pk, by=ana, now=EVENING)
    reply("an answer", EVENING + HOUR)
    assert gateway.texts[1:] == []


def test_the_hours_of_the_contact_that_it_follows_hold_too(ana, gateway, reply):
    call = Call.objects.create(arrived_at=EVENING, answered_at=EVENING, operators=[ana.pk])
    earlier = open_contact(call, by=ana, now=EVENING)
    say(earlier, ana, limits="yes", **FROM_8_TO_12)
    link(take_chat(writes(EVENING), by=ana, now=EVENING), earlier.number, by=ana, now=EVENING)
    reply("an answer", EVENING + HOUR)
    assert gateway.texts[1:] == []


def test_the_next_conversation_of_the_same_address_keeps_them_until_its_own_card_says_others(chat, gateway, reply, ana):
    end_chat(chat, by=ana, now=EVENING)
    again = writes(EVENING + HOUR)
    contact = take_chat(again, by=ana, now=EVENING + HOUR)
    reply("an answer", EVENING + 2 * HOUR)
    assert (again == chat, gateway.texts[1:]) == (False, [])
    say(contact, ana, limits="yes", safe_any_hour="yes")
    deliver(Sms(), EVENING + 2 * HOUR)
    assert gateway.texts[1:] == ["an answer"]


def test_the_first_answer_of_their_next_conversation_waits_for_the_hours_too(chat, gateway, ana):
    end_chat(chat, by=ana, now=EVENING)
    writes(EVENING + 26 * HOUR)
    assert len(gateway.texts) == 1
    deliver(Sms(), MORNING + 24 * HOUR)
    assert len(gateway.texts) == 2


def test_another_person_is_answered_while_five_hundred_answers_wait(chat, gateway, reply, ana, monkeypatch):
    monkeypatch.setattr("amparo.line.channels.delivery.AT_ONCE", 2)  # instead of 500
    for number in range(3):
        reply(f"{number}", EVENING + HOUR + number * MINUTE)
    other = writes(EVENING + 2 * HOUR, address=OTHER)
    take_chat(other, by=ana, now=EVENING + 2 * HOUR)
    reply("to the other", EVENING + 3 * HOUR, other)
    assert {each["text"] for each in gateway.taken.values() if each["to"] == OTHER} >= {"to the other"}
    assert [each["text"] for each in gateway.taken.values() if each["to"] == HER][1:] == []


def test_killed_before_it_was_recorded_it_arrives_once_and_at_no_other_hour(chat, gateway, reply):
    reply("an answer", EVENING + HOUR)
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr("amparo.line.channels.delivery._record_answer", die)
        with pytest.raises(KeyboardInterrupt):
            deliver(Sms(), MORNING)
    assert ours() == [Delivery.PENDING]
    deliver(Sms(), MORNING + 5 * HOUR)
    assert gateway.requests == 2  # outside the hours it is not posted again
    deliver(Sms(), MORNING + 24 * HOUR)
    assert (gateway.requests, gateway.texts[1:], ours()) == (3, ["an answer"], [Delivery.SENT])


def die(*_sent: object) -> None:
    raise KeyboardInterrupt


def test_one_word_cancels_what_waits_after_the_end_and_writing_again_does_not_send_it(chat, gateway, reply, ana):
    reply("an answer", EVENING + HOUR)
    end_chat(chat, by=ana, now=EVENING + HOUR)
    writes(EVENING + 2 * HOUR, "BAJA")
    writes(EVENING + 3 * HOUR, "are you there?")
    deliver(Sms(), MORNING)
    assert ("an answer" in gateway.texts, ours()) == (False, [Delivery.CANCELLED])


def test_what_waits_when_its_card_is_forgotten_is_not_sent_at_any_other_hour(chat, gateway, reply, ana):
    reply("an answer", EVENING + HOUR)
    with acting_as(ana.acting()):
        Contact.objects.get().card.key.forget()
    for at in (EVENING + 2 * HOUR, MORNING):
        deliver(Sms(), at)
    assert (gateway.texts[1:], ours()) == ([], [Delivery.EXPIRED])


@pytest.mark.parametrize("forgotten", ["card", "chat"])
def test_what_waits_in_the_next_conversation_is_not_sent_once_the_earlier_one_is_forgotten(
    chat, gateway, reply, ana, forgotten
):
    earlier = Contact.objects.get()
    end_chat(chat, by=ana, now=EVENING)
    take_chat(writes(EVENING + HOUR), by=ana, now=EVENING + HOUR)
    reply("an answer", EVENING + 2 * HOUR)
    with acting_as(ana.acting()):
        (earlier.card if forgotten == "card" else chat).key.forget()
    deliver(Sms(), EVENING + 3 * HOUR)
    assert ("an answer" in gateway.texts, ours()) == (False, [Delivery.EXPIRED])


def test_what_waits_for_the_hours_of_the_contact_that_it_follows_is_not_sent_once_those_are_forgotten(
    ana, gateway, reply
):
    call = Call.objects.create(arrived_at=EVENING, answered_at=EVENING, operators=[ana.pk])
    earlier = open_contact(call, by=ana, now=EVENING)
    say(earlier, ana, limits="yes", **FROM_8_TO_12)
    link(take_chat(writes(EVENING), by=ana, now=EVENING), earlier.number, by=ana, now=EVENING)
    reply("an answer", EVENING + HOUR)
    with acting_as(ana.acting()):
        earlier.card.key.forget()
    deliver(Sms(), EVENING + 2 * HOUR)
    assert ("an answer" in gateway.texts, ours()) == (False, [Delivery.EXPIRED])


@pytest.mark.parametrize("forgotten", ["card", "chat"])
def test_control_what_waits_for_the_hours_of_its_own_card_still_leaves_after_an_earlier_one_is_forgotten(
    chat, gateway, reply, ana, forgotten
):
    earlier = Contact.objects.get()
    end_chat(chat, by=ana, now=EVENING)
    contact = take_chat(writes(EVENING + HOUR), by=ana, now=EVENING + HOUR)
    say(contact, ana, limits="yes", **FROM_8_TO_12)
    reply("an answer", EVENING + 2 * HOUR)
    with acting_as(ana.acting()):
        (earlier.card if forgotten == "card" else chat).key.forget()
    deliver(Sms(), EVENING + 3 * HOUR)
    assert "an answer" not in gateway.texts
    deliver(Sms(), MORNING)
    assert "an answer" in gateway.texts


def test_the_console_knows_before_sending_when_an_answer_leaves(chat, ana):
    with acting_as(ana.acting()):
        soon, later = outside_hours(chat, EVENING + MINUTE), outside_hours(chat, EVENING + HOUR)
        assert outside_hours(chat, MORNING) is None
    assert (soon.window_ends_at, later.window_ends_at) == (EVENING + 15 * MINUTE, None)
    assert (soon.opens_at, later.opens_at) == (MORNING, MORNING)


def test_hours_that_begin_and_end_at_once_are_none_and_the_answer_waits(chat, gateway, reply, ana):
    say(Contact.objects.get(), ana, safe_to="08:00")
    reply("an answer", MORNING)
    with acting_as(ana.acting()):
        assert (gateway.texts[1:], outside_hours(chat, MORNING).opens_at) == ([], None)


def test_only_the_shift_and_the_worker_learn_hours(chat, ana, stranger):
    for actor, number in ((stranger.acting(), 0), (ana.acting(), 1), (WORKER, 1)):
        with acting_as(actor):
            assert len(safe_hours_of([chat.pk])) == number
