import pytest

from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import finish_message, take_message
from amparo.line.switchboard.models import Call, Message, State
from tests.keys import message_key


@pytest.fixture
def message(ana, now):
    call = Call.objects.create(arrived_at=now, ended_at=now, state=State.ENDED)
    return Message.objects.create(call=call, left_at=now, key=message_key(ana), number="999")


def test_who_takes_a_message_gets_the_contact_of_its_call(message, ana, now):
    contact = take_message(message, by=ana, now=now)
    assert contact.call == message.call
    assert Message.objects.get().taken_by == ana
    assert Contact.objects.visible_to(ana).get() == contact


def test_taking_it_twice_changes_nothing(message, ana, now):
    assert take_message(message, by=ana, now=now) == take_message(message, by=ana, now=now)


def test_a_taken_message_is_not_taken_again(message, ana, rufino, now):
    take_message(message, by=ana, now=now)
    with pytest.raises(Refused):
        take_message(message, by=rufino, now=now)


def test_only_the_operator_who_took_a_message_finishes_it(message, ana, rufino, now):
    for nobody_yet in (ana, rufino):
        with pytest.raises(Refused):
            finish_message(message, by=nobody_yet, now=now)
    take_message(message, by=ana, now=now)
    finish_message(message, by=ana, now=now)
    finish_message(message, by=ana, now=now)
    assert not Message.objects.open().exists()
    with pytest.raises(Refused):
        take_message(message, by=ana, now=now)
