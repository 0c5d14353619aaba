"""Weeks of a hotline on the clock of events: planned shifts, certificates, sickness and a flood, with real rows.

Simulated are the people: when they call, open their console, answer, talk and fall ill. Callers hear no menu, so nobody
leaves a message. Everything that decides is real: shifts, certificates and seats in PostgreSQL, what the switchboard
reads of them, queue, surge and routing, the journal, and what the wallboard says.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.roster import shift_rules
from amparo.line.roster.models import Queue, Seat, Shift, State
from amparo.line.roster.rules import mark_seen, set_languages, set_state, take_seat
from amparo.line.switchboard.live_call import LiveCall
from amparo.line.switchboard.models import Ending
from amparo.screens.supervision import wallboard

from .simulated_line import HOUR, Caller, Leg, NoSound, SimulatedLine

DAY, MINUTE = 24 * HOUR, 60.0
SQUADS = (6, 14, 22)  # first hour of the shift of each squad; two of its three people work each day
SPEAK = (["es"], ["es", "en"], ["es", "qu"])  # in each squad
BY_HOUR = (0.5,) * 7 + (1.0,) * 5 + (1.5,) * 8 + (1.0,) * 4  # calls, of the mean hour
TALK, WRAP_UP, PATIENCE = 600.0, 120.0, 240.0  # mean seconds
SEEN = 45.0  # seconds for which a console that closes without a word is held to be open: the promise, written again
FLOOD_DAY, FLOOD_HOUR, FLOOD_MINUTES, ROBOTS_A_MINUTE = 2, 15, 10, 20
GRIPPE_DAY, EXPIRY_DAY = 1, 6  # nights: everybody is ill; the certificates of all end at three and are renewed at nine


@dataclass(eq=False)
class Person:
    user: User
    languages: list[str]
    certified: list[tuple[float, float]] = field(default_factory=list)
    here_until: float = 0.0  # their console counts as open until then
    is_ready: bool = False


class Faults(Counter[str]):
    """What the simulation saw and must not happen, and how often."""


class SimulatedMonth(SimulatedLine):
    """Build it inside `runner`, as everything that has a timer."""

    def __init__(self, begin: datetime, runner: asyncio.Runner, *, days: int, calls_a_day: float, seed: int) -> None:
        super().__init__(begin, seed)
        self.runner, self.days, self.calls_a_day = runner, days, calls_a_day
        self.faults, self.seen = Faults(), Counter[str]()
        self.all_callers: list[Caller] = []
        self.gaps: list[list[float]] = []  # [start, end] of the times with nobody certified, as the simulation knows it
        self.rung: dict[tuple[UUID, int, datetime | None], None] = {}

    # The hotline.

    def open(self) -> None:
        """Hire, certify and plan. The real verbs store everything."""
        self.marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
        self.squads = [[self._hire(f"op{hour}{n}", SPEAK[n]) for n in range(3)] for hour in SQUADS]
        self.trainee = self._hire("trainee", ["es"])
        self.people = {each.user.pk: each for squad in self.squads for each in squad} | {
            self.trainee.user.pk: self.trainee
        }
        shift_rules.set_ringing_rules(by_shift=True, by_certificate=True, by=self.marta)
        expiry = EXPIRY_DAY * DAY + 3 * HOUR
        for squad in self.squads:
            for each in squad:
                self._certify(each, -DAY, expiry if squad is self.squads[2] else 60 * DAY)
        for day in range(-1, 7):
            for squad, hour in zip(self.squads, SQUADS, strict=True):
                for each in squad:
                    if squad.index(each) != day % 3 and (day >= 0 or hour == SQUADS[2]):
                        start = self.begin + timedelta(days=day, hours=hour)
                        shift_rules.plan_shift(each.user, start, start + timedelta(hours=8), by=self.marta)
        for week in range(1, -(-self.days // 7)):
            shift_rules.copy_week((self.begin + timedelta(weeks=week)).date(), by=self.marta)
        for shift in Shift.objects.planned().select_related("user").order_by("starts_at", "pk"):
            if shift.starts_at < self.begin + timedelta(days=self.days):
                self._expect(shift)
        for each in self.squads[2]:
            self.later(expiry, self.refresh)
            self.later(expiry + 6 * HOUR, lambda each=each: self._certify(each, self.now, self.now + 60 * DAY))
        for day in range(self.days):
            self.later(day * DAY + 8 * HOUR, lambda: self._come(self.trainee))
            self.later(day * DAY + 23.9 * HOUR, lambda: self._go(self.trainee, says_so=True))
        for caller in self._will_call():
            self.later(caller.at, lambda caller=caller: self._calls(caller))

    def _hire(self, name: str, languages: list[str]) -> Person:
        user = User.objects.create(username=name)
        seat = take_seat(by=user, now=self.moment)
        set_languages(seat, languages, by=user)
        return Person(user, languages)

    def _certify(self, each: Person, start: float, end: float) -> None:
        begin = self.begin + timedelta(seconds=start)
        expires = self.begin + timedelta(seconds=end)
        shift_rules.issue_certificate(each.user, Queue.CALLS, expires, by=self.marta, now=begin)
        each.certified.append((start, end))
        self.refresh() if start >= 0 else None

    def _expect(self, shift: Shift) -> None:
        """When this person will come, if they do: on time, a little late, ill and says so, or ill and does not."""
        start = (shift.starts_at - self.begin).total_seconds()
        each, fate, chance = self.people[shift.user_id], self.chance.random(), self.chance
        if GRIPPE_DAY * DAY + 20 * HOUR < start < (GRIPPE_DAY + 1) * DAY:
            fate = 0.01 if self.squads[2].index(each) % 2 else 0.05
        if fate < 0.03:  # ill: the supervisor knows it two hours before
            self.later(max(0.0, start - 2 * HOUR), lambda: self._cancel(shift))
        elif fate >= 0.06:  # else ill, and nobody knows
            late = chance.uniform(0, 180) if chance.random() < 0.5 else 0.0
            self.later(max(0.0, start) + late, lambda: self._come(each))
            leaves = fate < 0.1  # falls ill at work, and closes the console without a word
            self.later(start + (5 if leaves else 8) * HOUR, lambda: self._go(each, says_so=not leaves))
            if leaves:
                self.later(start + 5.5 * HOUR, lambda: self._cancel(shift))
        self.later(max(0.0, start), self.refresh)

    def _cancel(self, shift: Shift) -> None:
        shift_rules.record_absence(Shift.objects.get(pk=shift.pk), by=self.marta, now=self.moment)
        self.refresh()

    def _come(self, each: Person) -> None:
        set_state(State.READY, by=each.user, now=self.moment)
        each.here_until, each.is_ready = float("inf"), True
        self.refresh()

    def _go(self, each: Person, *, says_so: bool) -> None:
        """Leave, after the running call if there is one. Who does not say so closes the console."""
        if each.here_until <= self.now:
            return
        if any(each.user.pk in call.row.operators for call in self.calls.values()):
            self.later(self.now + MINUTE, lambda: self._go(each, says_so=says_so))
            return
        mark_seen(each.user.pk, self.moment)
        if says_so:
            set_state(State.OFF, by=each.user, now=self.moment)
        each.here_until = self.now + (0.0 if says_so else SEEN)
        self.refresh()
        if not says_so:
            self.later(each.here_until, self.refresh)

    def refresh(self) -> None:
        """Consoles report that they are open, and the switchboard reads its copy of the roster."""
        for each in self.people.values():
            if each.here_until == float("inf"):
                mark_seen(each.user.pk, self.moment)
        self.runner.run(self.seats.refresh())
        self.look()

    def glance(self) -> None:
        """Look while nothing changes. Consoles report; the switchboard reads nothing, and has its own clock alone."""
        here = [each.user.pk for each in self.people.values() if each.here_until == float("inf")]
        Seat.objects.filter(pk__in=here).update(seen_at=self.moment)
        self.look()

    # What must hold.

    def certified_here(self) -> list[Person]:
        """Return the operators who may answer now, computed from the simulation's own events."""
        return [
            each for each in self.people.values()
            if each.here_until > self.now and any(start <= self.now < end for start, end in each.certified)
        ]  # fmt: skip

    def look(self) -> None:
        """Does the wallboard say that nobody is there exactly when nobody is, and does the switchboard know it too?"""
        is_empty = not self.certified_here()
        with acting_as(self.marta.acting()):
            says_so = wallboard.rings_for_nobody(Queue.CALLS, self.moment)
        self.seen["looks"] += 1
        self.seen["looks with nobody"] += is_empty
        self.faults["a gap that the wallboard does not show"] += is_empty and not says_so
        self.faults["a gap that is none"] += says_so and not is_empty
        self.faults["a gap that callers are not told of"] += is_empty != (
            not self.seats.answering_operators(self.moment)
        )
        end, is_open = self.days * DAY, bool(self.gaps) and self.gaps[-1][1] > self.now
        if is_empty and not is_open and self.now < end:
            self.gaps.append([self.now, end])
        elif not is_empty and is_open:
            self.gaps[-1][1] = self.now

    def _check_ring(self, call: LiveCall) -> None:
        user, others = call.row.ringing_for_id, [each for each in self.calls.values() if each is not call]
        busy = {pk for each in others for pk in (*each.row.operators, each.row.ringing_for_id)}
        here = self.certified_here()
        on_shift = {each.user.pk for each in here if self._is_planned(each)}
        may = [each for each in here if not on_shift or each.user.pk in on_shift]
        free = [each for each in may if each.is_ready and each.user.pk not in busy]
        self.faults["rings for somebody without a certificate"] += user not in {each.user.pk for each in here}
        self.faults["rings for somebody who is busy or off shift"] += user not in {each.user.pk for each in free}
        speak = {each.user.pk for each in free if call.row.language in each.languages} - call.missed
        keeps_one = self.distribution.surge.is_on and not call.ticket.has_pressed
        self.faults["rings for somebody without the language"] += bool(speak) and user not in speak and not keeps_one
        earlier = [
            each for each in others
            if each.is_waiting and each.row.ringing_for_id is None and each.row.turn_at < call.row.turn_at
        ]  # fmt: skip
        self.faults["rings before its turn"] += bool(earlier) and not self.distribution.surge.is_on

    def _is_planned(self, each: Person) -> bool:
        found = Shift.objects.planned().filter(user=each.user, starts_at__lte=self.moment, ends_at__gt=self.moment)
        return found.exists()

    # The calls.

    def _will_call(self) -> list[Caller]:
        chance, at, found = self.chance, 0.0, list[Caller]()
        most = self.calls_a_day / DAY * max(BY_HOUR)
        while (at := at + chance.expovariate(most)) < self.days * DAY:
            if chance.random() < BY_HOUR[int(at % DAY // HOUR)] / max(BY_HOUR):
                who = found[-1].pseudonym if found and chance.random() < 0.1 else b"person %d" % len(found)
                language = chance.choices(["es", "qu", "en"], [85, 9, 6])[0]
                found.append(Caller(
                    at, chance.expovariate(1 / PATIENCE), chance.expovariate(1 / TALK), language, who,
                    in_danger=chance.random() < 0.03,
                ))  # fmt: skip
        at = begin = FLOOD_DAY * DAY + FLOOD_HOUR * HOUR
        while (at := at + chance.expovariate(ROBOTS_A_MINUTE / MINUTE)) < begin + FLOOD_MINUTES * MINUTE:
            who = b"robot %d" % chance.randrange(3) if chance.random() < 0.5 else None
            found.append(Caller(at, 600, 25, "es", who, is_person=False, presses=chance.random() < 0.1))
        return found

    def _calls(self, caller: Caller) -> None:
        async def arrive() -> None:
            self.arrive(caller)

        self.all_callers.append(caller)
        self.runner.run(arrive())

    def route(self) -> None:
        """Let the real code decide. What rings anew is checked, and answered after some seconds, or missed."""
        for call in self.ringing():
            user = call.row.ringing_for_id
            key = (call.row.pk, user, call.row.ringing_since)
            if user is None or key in self.rung:
                continue
            self.rung[key] = None
            self.seen["rings"] += 1
            self._check_ring(call)
            self.later(self.now + 20, lambda: None)  # the ring runs out, unless it is answered
            if self.chance.random() > 0.04 and self.people[user].here_until == float("inf"):
                self.later(self.now + self.chance.uniform(2, 8), lambda call=call, user=user: self._answer(call, user))

    def _answer(self, call: LiveCall, user: int) -> None:
        each = self.people[user]
        if not call.is_waiting or call.row.ringing_for_id != user or each.here_until < float("inf"):
            return
        self.faults["somebody who may not answer"] += not self.seats.may_answer(user, self.moment)

        async def connect() -> None:
            call.assign_to(user)
            call.add_operator(user, Leg(NoSound(self.clock)))

        self.runner.run(connect())
        caller = self.callers[call.row.pk]
        caller.answered_at, each.is_ready = self.now, False
        set_state(State.BUSY, by=each.user, now=self.moment)
        self.refresh()
        self.later(self.now + caller.talks, lambda: self._end(caller, each))

    def _end(self, caller: Caller, each: Person) -> None:
        self.hang_up(caller, Ending.CALLER)
        wrap_up = self.chance.expovariate(1 / WRAP_UP) if caller.is_person else 10.0
        self.later(self.now + wrap_up, lambda: self._ready(each))

    def _ready(self, each: Person) -> None:
        if each.here_until == float("inf"):
            set_state(State.READY, by=each.user, now=self.moment)
            each.is_ready = True
            self.refresh()

    def run(self, every: float) -> None:
        """Until all is over. The wallboard is looked at each `every` seconds, and after each change."""
        for n in range(int(self.days * DAY / every)):
            self.later(n * every, self.glance)
        for hour in range(self.days * 24):
            self.later(hour * HOUR, self.refresh)
        while self.next():
            self.route()
        self.runner.run(self.journal.flush())

    def figures(self) -> dict[str, Any]:
        people = [caller for caller in self.all_callers if caller.is_person]
        waits = sorted(caller.waited for caller in people if caller.answered_at is not None)
        gaps = [(start, end) for start, end in self.gaps if end > start]  # at a change of shift one leaves, one comes
        return {
            "days": self.days, "calls": len(people), "robots": len(self.all_callers) - len(people),
            "answered": len(waits), "gave up": sum(caller.gave_up_at is not None for caller in people),
            "median wait s": round(waits[len(waits) // 2], 1), "p95 wait s": round(waits[int(0.95 * len(waits))], 1),
            "rings": self.seen["rings"], "looks": self.seen["looks"], "gaps": len(gaps),
            "minutes with nobody": round(sum(end - start for start, end in gaps) / MINUTE),
            "faults": {what: n for what, n in self.faults.items() if n},
        }  # fmt: skip
