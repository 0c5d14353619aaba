import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, Direction


def test_a_call_gets_a_contact_before_the_first_word(contact, call, ana):
    assert (contact.call, contact.operator, contact.channel, contact.language) == (call, ana, Channel.CALL, "qu")
    assert contact.is_open
    assert contact.code == f"C-{contact.number}"
    assert contact.number > 1000


def test_opening_twice_gives_the_same_contact(contact, call, ana, now):
    assert open_contact(call, by=ana, now=now) == contact
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_open_at_once_get_the_same_contact(call, ana, rufino, now):
    Call.objects.filter(pk=call.pk).update(operators=[ana.pk, rufino.pk])
    found = []

    def open_it(by):
        found.append(open_contact(call, by=by, now=now).pk)
        connection.close()

    threads = [threading.Thread(target=open_it, args=[by]) for by in (ana, rufino) * 3]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 6
    assert len(set(found)) == 1
    assert all(Contact.objects.attended_by(user).exists() for user in (ana, rufino))


def test_a_transfer_keeps_the_contact_and_adds_the_colleague(contact, call, rufino, now):
    Call.objects.filter(pk=call.pk).update(operators=[rufino.pk])
    assert open_contact(call, by=rufino, now=now) == contact
    assert Contact.objects.attended_by(rufino).exists()
    assert Contact.objects.get().operator.username == "ana"


def test_who_is_not_in_the_call_may_not_open_its_contact(contact, call, rufino, now):
    with pytest.raises(Refused):
        open_contact(call, by=rufino, now=now)


def test_an_administrator_takes_no_calls(call, now):
    with pytest.raises(Refused):
        open_contact(call, by=User.objects.create(username="root", role=Role.ADMINISTRATOR), now=now)


def test_a_return_call_is_an_outgoing_contact(ana, now):
    call = Call.objects.create(arrived_at=now, direction=Direction.OUTGOING, operators=[ana.pk])
    assert open_contact(call, by=ana, now=now).channel == Channel.OUTGOING


def test_the_database_allows_one_contact_per_call(contact, call, ana):
    with pytest.raises(IntegrityError, match="a_call_has_one_contact"), transaction.atomic():
        Contact.objects.create(call=call, operator=ana, started=timezone.now(), channel=Channel.CALL, key=contact.key)


def test_the_database_refuses_an_end_before_the_start(contact, now):
    with pytest.raises(IntegrityError, match="a_contact_ends_after_it_starts"), transaction.atomic():
        Contact.objects.update(ended=contact.started - timezone.timedelta(seconds=1))


def test_other_channels_need_no_call(contact, ana, now):
    for _ in range(2):
        Contact.objects.create(operator=ana, started=now, channel=Channel.WALK_IN, key=contact.key)
    assert Contact.objects.filter(call=None).count() == 2
