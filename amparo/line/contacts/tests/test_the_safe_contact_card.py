from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.fields import FieldRefused
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.contacts.rules import open_contact_of_return_call, safe_number
from amparo.line.switchboard.models import Call, Direction
from tests.repetitions import repeat

NUMBER = "999 555 111"


def at(hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(2026, 11, 24, hour, minute))


@pytest.fixture
def card(write, fresh):
    write(limits="yes")
    write(safe_number=NUMBER, safe_from="04:00", safe_to="05:30", safe_wanted="yes")
    return fresh().card


@pytest.mark.parametrize("field", ["safe_number", "safe_who", "safe_story", "safe_word"])
def test_no_identity_is_kept_before_the_limits_are_explained(write, fresh, field):
    with pytest.raises(FieldRefused) as refusal:
        write(**{field: "x"})
    assert refusal.value.field == field
    assert fresh().card is None
    write(limits="yes", **{field: "x"})  # both in one save are allowed
    assert fresh().card.holds_identity


def test_the_limits_cannot_be_unsaid_while_a_number_is_kept(write, card, fresh):
    with pytest.raises(FieldRefused):
        write(limits="")
    assert fresh().limits_are_explained


def test_the_moment_the_limits_were_explained_is_kept_once(write, fresh, now):
    write(limits="yes")
    write(limits="yes", urgency="soon")
    assert fresh().confidentiality_explained_at == now


def test_an_anonymous_person_gets_no_card(write, fresh):
    write(limits="yes", privacy_choice="anonymous")
    with pytest.raises(FieldRefused):
        write(safe_number=NUMBER)
    assert fresh().card is None


def test_who_left_a_number_becomes_anonymous_only_without_it(write, card, fresh):
    with pytest.raises(FieldRefused):
        write(privacy_choice="anonymous")
    write(privacy_choice="anonymous", safe_number="")
    assert fresh().is_anonymous
    assert not fresh().card.holds_identity
    write(privacy_choice="confidential", safe_number=NUMBER)
    assert fresh().card.number == NUMBER


def test_the_database_refuses_the_number_of_an_anonymous_person(card, contact):
    with pytest.raises(IntegrityError, match="an_anonymous_contact_holds_no_identity"), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(privacy_choice="anonymous")
    with pytest.raises(IntegrityError, match="a_card_follows_its_contacts_choice"), transaction.atomic():
        SafeContact.objects.update(privacy_choice="share")


@pytest.mark.parametrize(
    ("opens", "closes", "hour", "may"),
    [
        (time(4), time(5, 30), at(4), True),
        (time(4), time(5, 30), at(5, 29), True),
        (time(4), time(5, 30), at(5, 30), False),
        (time(4), time(5, 30), at(3, 59), False),
        (time(22), time(2), at(23), True),
        (time(22), time(2), at(1, 59), True),
        (time(22), time(2), at(2), False),
        (time(22), time(2), at(12), False),
    ],
)
def test_a_call_goes_out_in_safe_hours_only(opens, closes, hour, may):
    card = SafeContact(number=NUMBER, hours_from=opens, hours_to=closes)
    assert card.may_call_at(hour) is may
    assert (card.why_not_at(hour) is None) is may


TIMES = st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.integers(0, 59)))
CLOCKS = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: at(0) + timedelta(minutes=minutes))


@settings(max_examples=repeat(400, 20_000), deadline=None)
@given(TIMES, TIMES, st.booleans(), st.sampled_from([None, NUMBER]), st.one_of(st.none(), st.integers(0, 40)), CLOCKS)
def test_no_card_is_called_when_it_refuses_whatever_the_hour_and_the_last_attempt(
    opens, closes, any_hour, number, since, now
):
    """Compared with a list of the minutes of a day, also for the next attempt that the console announces."""
    last = now - timedelta(minutes=since) if since is not None else None
    card = SafeContact(number=number, any_hour=any_hour, hours_from=opens, hours_to=closes, last_attempt_at=last)
    safe = set(range(1440)) if any_hour else minutes_between(opens, closes)

    def allowed(moment: datetime) -> bool:
        local = timezone.localtime(moment)
        rested = last is None or moment - last >= timedelta(minutes=15)
        return number is not None and local.hour * 60 + local.minute in safe and rested

    assert card.may_call_at(now) is allowed(now)
    if number and (soonest := card.next_call_at(now)) and safe:
        assert allowed(soonest)
        assert not any(allowed(now + timedelta(minutes=n)) for n in range((soonest - now) // timedelta(minutes=1)))


def minutes_between(opens: time | None, closes: time | None) -> set[int]:
    """The minutes of a day from one time until the other, over midnight if it is earlier."""
    if opens is None or closes is None:
        return set()
    first, end = (each.hour * 60 + each.minute for each in (opens, closes))
    return {n % 1440 for n in range(first, end if first <= end else end + 1440)}


def test_any_hour_is_a_safe_hour():
    assert SafeContact(number=NUMBER, any_hour=True).may_call_at(at(3))


@pytest.mark.parametrize("card", [SafeContact(), SafeContact(number=NUMBER), SafeContact(any_hour=True),
                                  SafeContact(number=NUMBER, hours_from=time(4))])  # fmt: skip
def test_without_number_and_hours_the_card_says_why_nobody_is_called(card):
    assert not card.may_call_at(at(4))
    assert card.why_not_at(at(4)).endswith(".")


def test_nothing_is_assumed_of_who_may_hear(card):
    assert not card.voicemail_allowed
    assert not SafeContact().any_hour


def test_a_return_call_without_a_card_is_refused(contact, ana, now):
    with pytest.raises(Refused):
        safe_number(contact, by=ana, now=now)


def test_a_return_call_outside_the_hours_is_refused(contact, card, ana):
    with pytest.raises(Refused):
        safe_number(contact, by=ana, now=at(6))
    assert safe_number(contact, by=ana, now=at(4)) == NUMBER


def test_a_colleague_calls_back_only_who_asked_for_it(contact, card, rufino, write):
    assert safe_number(contact, by=rufino, now=at(4)) == NUMBER
    write(safe_wanted="")
    with pytest.raises(Refused):
        safe_number(contact, by=rufino, now=at(4))


def test_a_return_call_follows_the_first(contact, card, rufino):
    call = Call.objects.create(arrived_at=at(4), direction=Direction.OUTGOING, operators=[rufino.pk])
    again = open_contact_of_return_call(contact, call, by=rufino, now=at(4))
    assert open_contact_of_return_call(contact, call, by=rufino, now=at(4)) == again
    assert again.follows == contact
    assert Contact.objects.visible_to(rufino).filter(pk=contact.pk).exists()


def test_a_stranger_cannot_say_that_they_called_back(contact, write, rufino, now):
    write(limits="yes", safe_number=NUMBER, safe_any_hour="yes")
    call = Call.objects.create(arrived_at=now, direction=Direction.OUTGOING, operators=[rufino.pk])
    with pytest.raises(Refused):
        open_contact_of_return_call(contact, call, by=rufino, now=now)


def test_the_card_has_a_key_of_its_own(card, contact):
    assert card.key != contact.key
    with connection.cursor() as cursor:
        cursor.execute("select number from contacts_safecontact")
        assert NUMBER.encode() not in bytes(cursor.fetchone()[0])
