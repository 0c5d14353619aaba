from datetime import datetime, timedelta

import psycopg
import pytest
from django.utils import timezone

from amparo.foundation.core.live import CHANNEL, conninfo
from amparo.line.contacts.models import Contact, Draft
from amparo.line.contacts.tasks import announce_safe_hours, forget_drafts, somebody_may_be_called_from
from amparo.line.switchboard.models import Call, Hours, Message
from tests.keys import message_key


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return timezone.make_aware(datetime(2026, 11, 24, hour, minute, second))


@pytest.fixture
def wanted(write):
    write(limits="yes", safe_number="999", safe_from="04:00", safe_to="05:00", safe_wanted="yes")


@pytest.mark.parametrize(
    ("moment", "expected"), [(at(4), True), (at(4, 0, 59), True), (at(4, 1), False), (at(3, 59), False)]
)
def test_consoles_are_notified_when_safe_hours_begin(wanted, moment, expected):
    assert somebody_may_be_called_from(moment) is expected


def test_no_notification_for_a_person_who_did_not_ask_for_a_call(wanted, write):
    write(safe_wanted="")
    assert not somebody_may_be_called_from(at(4))


@pytest.mark.parametrize(("hours", "hour"), [(Hours.MORNING, 6), (Hours.AFTERNOON, 12), (Hours.EVENING, 18)])
def test_consoles_are_notified_when_the_hours_of_a_message_begin(ana, now, hours, hour):
    call = Call.objects.create(arrived_at=now)
    Message.objects.create(call=call, left_at=now, key=message_key(ana), hours=hours)
    assert [h for h in range(24) if somebody_may_be_called_from(at(h))] == [hour]


@pytest.mark.django_db(transaction=True)
def test_the_job_notes_messages(wanted):
    with psycopg.connect(conninfo(), autocommit=True) as link:
        link.execute(f"listen {CHANNEL}")
        announce_safe_hours(int(at(3).timestamp()))
        announce_safe_hours(int(at(4).timestamp()))
        assert [n.payload for n in link.notifies(timeout=1)] == ["messages"]


def test_drafts_of_closed_contacts_are_forgotten_after_a_day(contact, write, now):
    write(notes="one", type="silent")
    tomorrow = int((now + timedelta(days=1, minutes=1)).timestamp())
    forget_drafts(tomorrow)
    assert Draft.objects.exists()  # still open
    Contact.objects.update(state="wrapped")
    forget_drafts(int((now + timedelta(hours=23)).timestamp()))
    assert Draft.objects.exists()  # a late save may still arrive
    forget_drafts(tomorrow)
    assert not Draft.objects.exists()
    assert Contact.objects.get().notes == "one"
