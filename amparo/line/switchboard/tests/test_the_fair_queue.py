"""The real distribution is fair, in whatever order people call, press keys, hang up and are answered."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from amparo.foundation.line_settings.rules import LineSettings
from amparo.line.switchboard import fair_queue
from amparo.line.switchboard.distribution import Distribution
from amparo.line.switchboard.fair_queue import HOUR, MEMORY, SLOT, UNSEEN, FairQueue, Ticket, queue_time
from amparo.line.switchboard.journal import Journal
from amparo.line.switchboard.legs import Leg
from amparo.line.switchboard.live_call import LiveCall
from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.rtp import RtpLeg
from amparo.line.switchboard.models import Call, Ending, State
from amparo.line.switchboard.seats import OperatorOnShift, Seats

WHO = st.sampled_from([b"a", b"b", b"c", None])
MOST = 3  # danger keys per hour: the promised value, not the constant of the code


class Line(RuleBasedStateMachine):
    """Real calls on real sockets and a real distribution. Only the time is simulated."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.runner.run(self.open())
        self.calls: list[LiveCall] = []
        self.gone: set[LiveCall] = set()  # calls that were answered or hung up
        self.ahead: list[tuple[bytes, datetime]] = []
        self.distribution = Distribution(lambda: self.calls, self.seats)
        for user in (1, 2, 3):
            self.seats.on_shift[user] = OperatorOnShift(user, f"user{user}", True, float(user), frozenset({"es"}))

    async def open(self) -> None:
        self.clock, self.ports, self.seats, self.journal = Clock(), Ports(30200, 30398), Seats(), Journal()

    def teardown(self) -> None:
        self.everybody_has_their_turn()
        self.runner.run(self.close())
        self.runner.close()

    async def close(self) -> None:
        for call in self.calls:
            call.caller.hang_up()

    @property
    def waiting(self) -> list[LiveCall]:
        return [call for call in self.calls if call not in self.gone]

    @property
    def in_order(self) -> list[LiveCall]:
        return sorted(self.waiting, key=lambda call: (call.row.turn_at, call.row.pk))

    @rule(pseudonym=WHO, pause=st.floats(0, 600))
    def somebody_calls(self, pseudonym, pause):
        self.now += timedelta(seconds=pause)
        self.runner.run(self.arrive(pseudonym))
        self.look()

    @rule(pseudonym=st.sampled_from([b"a", b"b"]))
    def somebody_calls_in_danger(self, pseudonym):
        self.runner.run(self.arrive(pseudonym))
        self.calls[-1].caller.sound._receive_digit("9")
        self.look()

    async def arrive(self, pseudonym) -> None:
        leg = Leg(await RtpLeg.open(self.clock, self.ports, "127.0.0.1"))
        call = LiveCall(Call(arrived_at=self.now, pseudonym=pseudonym), leg, self.clock, self.journal)
        call.ticket = self.distribution.queue.issue_ticket(pseudonym, self.now.timestamp())
        call.enqueue(since=self.now)
        self.calls.append(call)

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0), key=st.sampled_from("1459"))
    def a_key_is_pressed(self, which, key):
        call = self.waiting[which % len(self.waiting)]
        call.caller.sound._receive_digit(key)
        self.look()

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0))
    def somebody_hangs_up(self, which):
        call = self.waiting[which % len(self.waiting)]
        self.gone.add(call)
        self.runner.run(self.end(call))
        self.look()

    async def end(self, call: LiveCall) -> None:
        call.end(Ending.GAVE_UP)

    @rule()
    def what_rings_is_answered(self):
        for call in self.waiting:
            if call.row.ringing_for_id:
                call.assign_to(call.row.ringing_for_id)
                call.row.operators = []  # a short conversation: the operator is free again
                self.gone.add(call)
        self.look()

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0), user=st.sampled_from([1, 2, 3]))
    def one_is_passed_on(self, which, user):
        """The call rings for the operator whom a supervisor chose, before all calls but danger, and keeps its place."""
        call = self.waiting[which % len(self.waiting)]
        place, ringing = call.row.turn_at, {each.row.ringing_for_id for each in self.waiting if each is not call}
        call.pass_to(user, 9, "")
        self.look()
        assert call.row.turn_at == place
        others = [each for each in self.waiting if each is not call]
        has_better_claim = any(each.ticket.is_ahead or each.row.passed_to_id == user for each in others)
        assert call.row.ringing_for_id == user or user in ringing or has_better_claim

    @rule()
    def nobody_answers(self):
        """A call that the chosen operator did not answer is no longer passed on."""
        rang = {call: call.row.ringing_for_id for call in self.waiting if call.row.ringing_for_id}
        self.now += timedelta(seconds=LineSettings().ring_seconds)
        self.look()
        assert all(call.row.passed_to_id != user for call, user in rang.items())

    def look(self) -> None:
        before = {call for call in self.calls if call.ticket.is_ahead}
        self.distribution.distribute(self.now)
        for call in self.waiting:
            if call.ticket.is_ahead and call not in before and call.ticket.pseudonym:
                self.ahead.append((call.ticket.pseudonym, self.now))

    @invariant()
    def nobody_is_dropped(self):
        assert all(call.state is State.WAITING and call.caller.sound.closed is False for call in self.waiting)
        assert [call.row.pk for call in self.in_order] == list(dict.fromkeys(c.row.pk for c in self.in_order))

    @invariant()
    def nobody_comes_after_who_called_later_and_has_no_better_claim(self):
        for before, first in enumerate(self.waiting):
            for second in self.waiting[before + 1 :]:
                if all(one <= other for one, other in zip(claim(first), claim(second), strict=True)):
                    assert first.row.turn_at <= second.row.turn_at

    @invariant()
    def nobody_starves(self):
        """However often somebody called, after a known time everybody who arrives is behind them."""
        for call in self.waiting:
            longest = timedelta(seconds=call.ticket.behind + UNSEEN)
            assert call.row.turn_at <= call.row.waiting_since + longest

    @invariant()
    def danger_goes_ahead_three_times_an_hour(self):
        for pseudonym, at in self.ahead:
            within = [when for one, when in self.ahead if one == pseudonym and at - timedelta(hours=1) < when <= at]
            assert len(within) <= MOST

    @invariant()
    def an_operator_is_rung_by_one_call(self):
        rung = [call.row.ringing_for_id for call in self.waiting if call.row.ringing_for_id]
        assert len(rung) == len(set(rung))

    def everybody_has_their_turn(self) -> None:
        """Everybody who waits is answered when no new calls arrive, with or without a key."""
        for _ in range(2 * len(self.calls) + 2):
            self.now += timedelta(seconds=UNSEEN / 2)
            self.look()
            self.what_rings_is_answered()
        assert not self.waiting


def claim(call: LiveCall) -> tuple[bool, bool, float]:
    ticket = call.ticket
    return (not ticket.is_ahead, not ticket.has_pressed, ticket.behind)


def play() -> None:
    often = settings(
        max_examples=150, stateful_step_count=40, deadline=None, derandomize=True, report_multiple_bugs=False,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Line, settings=often)


def test_whatever_happens_the_line_is_fair():
    play()


def let_danger_ahead_always(monkeypatch):
    monkeypatch.setattr(fair_queue, "DANGERS_AN_HOUR", 1000)


def drop_who_calls_again(monkeypatch):
    set_place = LiveCall.set_queue_place

    def drop(call, turn_at, key):
        set_place(call, turn_at, key)
        if call.ticket.behind >= 3 * SLOT:
            call.caller.hang_up()

    monkeypatch.setattr(LiveCall, "set_queue_place", drop)


def let_newcomers_pass(monkeypatch):
    monkeypatch.setattr("amparo.line.switchboard.distribution.queue_time", lambda ticket, since, in_surge: -since)


def never_answer_who_pressed_nothing(monkeypatch):
    monkeypatch.setattr(
        "amparo.line.switchboard.distribution.queue_time",
        lambda ticket, since, in_surge: since + 1e9 * (in_surge and not ticket.has_pressed),
    )


@pytest.mark.parametrize(
    "mistake",
    [let_danger_ahead_always, drop_who_calls_again, let_newcomers_pass, never_answer_who_pressed_nothing],
)
def test_the_control_a_mistake_is_found(monkeypatch, mistake):
    mistake(monkeypatch)
    with pytest.raises(AssertionError):
        play()


def test_who_calls_again_is_placed_a_slot_further_behind_each_time():
    queue = FairQueue()
    assert [queue.issue_ticket(b"a", 10.0 * n).behind for n in range(4)] == [0, SLOT, 2 * SLOT, 3 * SLOT]
    assert queue.issue_ticket(b"b", 40).behind == 0


def test_after_half_an_hour_a_contact_is_forgotten():
    queue = FairQueue()
    queue.issue_ticket(b"a", 0)
    assert queue.issue_ticket(b"a", MEMORY).behind == 0


def test_withheld_numbers_do_not_punish_each_other():
    queue = FairQueue()
    tickets = [queue.issue_ticket(None, float(n)) for n in range(100)]
    assert {ticket.behind for ticket in tickets} == {0.0}
    for ticket in tickets:
        queue.move_ahead(ticket, 100)
    assert all(ticket.is_ahead for ticket in tickets)


def test_a_fourth_danger_within_the_hour_waits_its_turn():
    queue = FairQueue()
    tickets = [queue.issue_ticket(b"a", float(n)) for n in range(4)]
    for ticket in tickets:
        queue.move_ahead(ticket, 10)
        queue.move_ahead(ticket, 10)  # pressing the key twice counts once
    assert [ticket.is_ahead for ticket in tickets] == [True, True, True, False]
    queue.move_ahead(tickets[3], 10 + HOUR)
    assert tickets[3].is_ahead


def test_who_presses_nine_stands_behind_nobody_whoever_used_it_up():
    """Three calls with the victim's number in From press 9. Then the victim calls."""
    queue = FairQueue()
    for n in range(3):
        queue.move_ahead(queue.issue_ticket(b"hers", float(n)), float(n))
    first, hers, later = queue.issue_ticket(b"x", 60), queue.issue_ticket(b"hers", 61), queue.issue_ticket(b"y", 62)
    assert hers.behind == 3 * SLOT  # the control: before pressing 9 she counts as a repeated caller
    queue.move_ahead(hers, 70)
    places = [queue_time(ticket, at, in_surge=False) for ticket, at in ((first, 60), (hers, 61), (later, 62))]
    assert (hers.is_ahead, places) == (False, sorted(places))


def test_in_a_surge_who_pressed_a_key_comes_first():
    pressed, silent = Ticket(b"a", has_pressed=True), Ticket(b"b")
    assert queue_time(pressed, 100, in_surge=True) < queue_time(silent, 0, in_surge=True)
    assert queue_time(pressed, 100, in_surge=False) > queue_time(silent, 0, in_surge=False)
