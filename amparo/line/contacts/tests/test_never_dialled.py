"""A card or message that refuses is never dialled: random cards, clocks and attempts, by the verbs that dial."""

import uuid
from contextlib import suppress
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts import rules
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.switchboard.models import Call, Direction, Hours, Message
from tests.in_that_moment import second_while
from tests.keys import message_key
from tests.repetitions import repeat

NUMBER, PAUSE = "999 555 111", timedelta(minutes=15)
HOURS_OF_MESSAGES = {"morning": range(6, 12), "afternoon": range(12, 18), "evening": range(18, 24), "any": range(24)}


class Line(RuleBasedStateMachine):
    """Two operators call back whenever they like, while the card changes. The test keeps the rules by itself."""

    @initialize(minute=st.integers(0, 1439))
    def begin(self, minute):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = timezone.make_aware(datetime(2026, 11, 24)) + timedelta(minutes=minute)
        self.people = [User.objects.create(username=name) for name in ("ana", "rufino")]
        self.marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
        call = Call.objects.create(arrived_at=self.now, answered_at=self.now, operators=[self.people[0].pk])
        self.contact = rules.open_contact(call, by=self.people[0], now=self.now)
        self.card = {"number": None, "any": False, "from": None, "to": None, "wanted": False}
        self.last = self.left_last = None
        self.write(limits="yes")
        self.hours = Hours.ANY
        self.left(Hours.ANY)

    def write(self, **changes):
        seen = Contact.objects.get(pk=self.contact.pk).version
        rules.save_draft(
            self.contact, key=uuid.uuid4(), revision=1, based_on=seen, changes=changes, by=self.people[0], now=self.now
        )

    def minutes(self) -> set[int]:
        """The minutes of the day in which the card allows a call."""
        if self.card["any"]:
            return set(range(1440))
        if self.card["from"] is None or self.card["to"] is None:
            return set()
        first, end = (each.hour * 60 + each.minute for each in (self.card["from"], self.card["to"]))
        return {n % 1440 for n in range(first, end if first <= end else end + 1440)}

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 60, 200, 700, 1440]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(number=st.sampled_from([NUMBER, NUMBER, ""]))
    def says_the_number(self, number):
        self.write(safe_number=number)
        self.card["number"] = number or None

    @rule(
        is_any=st.booleans(), opens=st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.integers(0, 59))),
        closes=st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.integers(0, 59))),
    )  # fmt: skip
    def says_the_hours(self, is_any, opens, closes):
        shown = {name: f"{each:%H:%M}" if each else "" for name, each in (("safe_from", opens), ("safe_to", closes))}
        self.write(safe_any_hour="yes" if is_any else "", **shown)
        self.card |= {"any": is_any, "from": opens, "to": closes}

    @rule(wanted=st.booleans())
    def asks_to_be_called(self, wanted):
        self.write(safe_wanted="yes" if wanted else "")
        self.card["wanted"] = wanted

    @rule(why=st.sampled_from(["requested", "unsafe"]))
    def somebody_gives_up(self, why):
        card = SafeContact.objects.filter(contact=self.contact).first()
        if card and self.card["wanted"]:
            rules.give_up_calling(card, why, by=self.people[1], now=self.now)
            self.card["wanted"] = False

    @rule(who=st.integers(0, 1))
    def calls_back(self, who):
        local = timezone.localtime(self.now)
        may = (
            self.card["number"] is not None and self.card["wanted"]
            and local.hour * 60 + local.minute in self.minutes()
            and (self.last is None or self.now - self.last >= PAUSE)
        )  # fmt: skip
        dialled, by = None, self.people[who]
        with suppress(Refused), transaction.atomic():
            contact = rules.start_callback(self.contact.pk, by=by, now=self.now)
            dialled = rules.safe_number(contact, by=by, now=self.now)
            call = Call.objects.create(arrived_at=self.now, direction=Direction.OUTGOING, operators=[by.pk])
            rules.open_contact_of_return_call(contact, call, by=by, now=self.now)
        assert (dialled == NUMBER) == may, (self.card, self.last, self.now)
        self.last = self.now if may else self.last

    @rule(hours=st.sampled_from(Hours.values))
    def left(self, hours):
        """The caller leaves a message with other hours."""
        call = Call.objects.create(arrived_at=self.now, ended_at=self.now, state="ended", ending="message")
        key = message_key(self.people[0])
        self.message = Message.objects.create(call=call, left_at=self.now, key=key, number=NUMBER, hours=hours)
        self.left_last = None

    @rule(who=st.integers(0, 1))
    def calls_the_message(self, who):
        taker = Message.objects.get(pk=self.message.pk).taken_by_id
        by = self.people[who] if taker is None else User.objects.get(pk=taker)
        hours = HOURS_OF_MESSAGES[self.message.hours]
        rested = self.left_last is None or self.now - self.left_last >= PAUSE
        may, dialled = timezone.localtime(self.now).hour in hours and rested, None
        with suppress(Refused), transaction.atomic():
            dialled = rules.number_of_message(self.message, by=by, now=self.now)
            contact = rules.take_message(self.message, by=by, now=self.now)
            call = Call.objects.create(arrived_at=self.now, direction=Direction.OUTGOING, operators=[by.pk])
            rules.open_contact_of_return_call(contact, call, by=by, now=self.now)
        assert (dialled == NUMBER) == may, (self.message.hours, self.left_last, self.now)
        self.left_last = self.now if may else self.left_last

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_dialled_whose_card_or_message_refuses_in_any_order():
    run_state_machine_as_test(
        Line, settings=settings(max_examples=repeat(5, 600), stateful_step_count=25, deadline=None,
                                suppress_health_check=list(HealthCheck))
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("forgotten", ["the hours", "the attempts"])
def test_the_control_a_rule_that_forgets_one_condition_is_found(monkeypatch, forgotten):
    state = Line()
    state.begin(minute=3 * 60)
    try:
        state.says_the_number(number=NUMBER)
        state.asks_to_be_called(wanted=True)
        state.says_the_hours(is_any=forgotten == "the attempts", opens=time(4), closes=time(5))
        state.calls_back(who=0)
        if forgotten == "the hours":
            monkeypatch.setattr(SafeContact, "is_safe_hour", lambda self, now: True)
        else:
            SafeContact.objects.update(last_attempt_at=None)
        with pytest.raises(AssertionError):
            state.calls_back(who=1)
    finally:
        state.teardown()


@pytest.fixture
def left(ana, now) -> Message:
    call = Call.objects.create(arrived_at=now, ended_at=now, state="ended", ending="message")
    return Message.objects.create(call=call, left_at=now, key=message_key(ana), number=NUMBER, hours=Hours.ANY)


@pytest.mark.django_db(transaction=True)
def test_a_second_press_in_the_same_moment_does_not_dial_a_message_again(left, ana, now):
    def press() -> str:
        with transaction.atomic():
            number = rules.number_of_message(left, by=ana, now=now)
            contact = rules.take_message(left, by=ana, now=now)
            call = Call.objects.create(arrived_at=now, direction=Direction.OUTGOING, operators=[ana.pk])
            rules.open_contact_of_return_call(contact, call, by=ana, now=now)
            return number

    (second,) = second_while(press, press)
    assert isinstance(second, Refused)
    assert Message.objects.get().attempts == 1
