"""A call in progress: its row, the legs of caller and operators, and who hears whom."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .caller_keys import CallerKeys
from .fair_queue import Ticket
from .journal import Journal
from .legs import Leg
from .media.clock import Clock
from .media.conversation import Audibility, Conversation
from .models import Call, CallEvent, Ending, Language, State, SurgeKey, ThirdParty

CUT = "cut"  # the word that tells the pages of a call that a fault of ours ends it
Kind = CallEvent.Kind


class LiveCall:
    """A call in progress. Every change goes through this class, so that its row and its sound always agree."""

    def __init__(self, row: Call, caller: Leg, clock: Clock, journal: Journal) -> None:
        self.row, self.caller, self.journal = row, caller, journal
        self.conversation = Conversation(clock)
        self.legs: dict[int, Leg] = {}  # of the operators, by user id
        self.third_party: Leg | None = None
        self.monitors: dict[int, Leg] = {}  # of those who listen or whisper, by user id
        self.beside: dict[int, list[int]] = {}  # monitor -> their mentors and trainees; supervisors have no entry
        self.written: tuple[int, str] | None = None  # the last sentence written, and whose: in this memory alone
        self.inviters: dict[int, int] = {}  # who invited each of `row.invited`, by user id
        self.gone: dict[int, Leg] = {}  # the last leg of an operator who left and may come back, by user id
        self.keys: asyncio.Queue[str] = asyncio.Queue(32)  # keys that the caller pressed and nobody has read yet
        self.ticket = Ticket()  # decides the place in the queue
        self.wanted: int | None = None  # the operator who answers the caller's chat; None: there is none
        self.missed: set[int] = set()  # operators for whom it rang without an answer
        self.playback: asyncio.Task[None] | None = None  # what is being played to the caller
        self.on_change: Callable[[], None] = lambda: None
        self.on_end: Callable[[], None] = lambda: None
        self.has_ended = False
        self.is_parked = False  # on hold because no operator is present, not by choice
        self._awaited: set[asyncio.Task[Any]] = set()  # work that is cancelled when the call ends
        self.pressed = CallerKeys(self)
        caller.sound.on_digit = self.pressed.handle
        caller.on_end = self._handle_caller_gone
        self.record_event(Kind.ARRIVED)

    @property
    def state(self) -> State:
        return State(self.row.state)

    @property
    def is_waiting(self) -> bool:
        return self.row.state == State.WAITING

    @property
    def responsible_operator(self) -> int | None:
        """The operator who is responsible for the call."""
        return self.row.operators[0] if self.row.operators else None

    def record_event(self, kind: CallEvent.Kind, user: int | None = None, by: int | None = None) -> None:
        """Record an event, together with the row as it is now."""
        self.journal.record_event(self.row, kind, user, by)
        self.on_change()

    def set_state(self, state: State) -> None:
        self.row.state = state
        self.caller.send_state(state)

    # What the caller hears when nobody is with them.
    def play_to_caller(self, experience: Coroutine[Any, Any, None]) -> None:
        """Run `experience`, which plays sounds to the caller, instead of the one that runs now."""
        self.stop_playback()
        self.playback = asyncio.create_task(experience)

    def stop_playback(self) -> None:
        """Stop what is played to the caller. Needed also when the menu ends the call, or the menu would play on."""
        if self.playback is not None:
            self.playback.cancel()
        self.playback = None
        self.caller.sound.stop_playing()

    # What the caller or an operator marks.
    def mark_danger(self, user: int | None = None) -> None:
        """Mark danger. `user`: the operator who judged it; None: the caller pressed the key, and the queue decides."""
        if user:
            self.ticket.is_ahead = True
        self.row.danger = True
        self.record_event(Kind.DANGER, user)

    def mark_silent(self, user: int | None = None) -> None:
        if not self.row.silent:
            self.row.silent = True
            self.record_event(Kind.SILENT, user)

    def set_language(self, language: Language) -> None:
        self.row.language = language
        self.record_event(Kind.LANGUAGE)

    # The queue.
    def enqueue(self, since: datetime | None = None, gone: int | None = None) -> None:
        """Put the call into the queue. A call that comes back keeps its place. `gone`: the operator who left it."""
        self.set_state(State.WAITING)
        self.row.waiting_since = self.row.waiting_since or since or timezone.now()
        self.record_event(Kind.REQUEUED if gone else Kind.WAITING, gone)

    def set_queue_place(self, turn_at: datetime, key: SurgeKey) -> None:
        if (turn_at, key) != (self.row.turn_at, self.row.surge_key):
            self.row.turn_at, self.row.surge_key = turn_at, key
            self.journal.write_call(self.row)

    def ring_for(self, user: int | None, now: datetime | None = None) -> None:
        """Ring at the console of this operator. None: stop ringing."""
        self.row.ringing_for_id = user
        self.row.ringing_since = (now or timezone.now()) if user else None
        if user:
            self.record_event(Kind.RINGING, user)
        else:
            self.journal.write_call(self.row)

    def pass_to(self, user: int, by: int, words: str) -> None:
        """Make the call ring first for this operator, as a supervisor decided. It keeps its place in the queue."""
        self.row.passed_to_id, self.written = user, (by, words) if words else None
        self.missed.discard(user)
        if self.row.ringing_for_id not in (None, user):
            self.row.ringing_for_id, self.row.ringing_since = None, None
        self.journal.write_call(self.row)
        self.on_change()

    def record_missed(self, user: int) -> None:
        """Note that the call rang for this operator in vain. If it was passed on to them, it no longer is."""
        self.missed.add(user)
        if self.row.passed_to_id == user:
            self.row.passed_to_id, self.written = None, None
            self.journal.write_call(self.row)

    def assign_to(self, user: int) -> None:
        """Assign the call to `user`. From now on nobody else can take it."""
        self.set_state(State.CONNECTING)
        self.row.operators, self.row.ringing_for_id, self.row.ringing_since = [user], None, None
        if self.row.passed_to_id:
            self.row.passed_to_id = user  # who was to read the sentence, and did not answer, reads it no more
        self.journal.write_call(self.row)

    def requeue(self) -> None:
        """Put the call back into its place in the queue: the operator's telephone did not answer, or they are gone."""
        if not self.third_party:
            self.remove_third_party()  # who only rings; who is connected stays with the caller
        gone = self.responsible_operator
        self.row.operators, self.row.invited, self.row.passed_to_id, self.written = [], [], None, None
        self.ticket.behind, self.ticket.has_pressed = 0.0, True  # their turn had come before
        for user in self.row.monitors:
            self.hang_up_monitor(user)  # it may ring for them now: they know the call best
        self.enqueue(gone=gone)

    # The conversation.
    def add_operator(self, user: int, leg: Leg) -> None:
        """Connect an operator to the conversation."""
        if old := self.legs.pop(user, None):
            # the same person now uses another tab, browser or phone: the old one must not reconnect
            old.send_state("elsewhere")
            old.hang_up()
        self.legs[user] = leg
        first = self.row.answered_at is None
        self.row.answered_at = self.row.answered_at or timezone.now()
        if user not in self.row.operators:
            self.row.operators.append(user)
        self.row.invited = [each for each in self.row.invited if each != user]
        self.row.ringing_for_id, self.row.ringing_since = None, None
        self.conversation.add(leg.sound)
        if self.state is not State.ON_HOLD or self.is_parked:
            self.resume(user)
        self.record_event(Kind.ANSWERED if first else Kind.JOINED, user)

    def hold(self, experience: Coroutine[Any, Any, None], user: int | None) -> None:
        """Put the caller on hold; `experience` plays to them meanwhile. The operators still hear each other."""
        self.conversation.remove(self.caller.sound)
        self.set_state(State.ON_HOLD)
        self.play_to_caller(experience)
        self.record_event(Kind.ON_HOLD, user)

    def park(self, experience: Coroutine[Any, Any, None]) -> None:
        """Put the caller on hold until an operator is present again."""
        self.is_parked = True
        self.hold(experience, self.responsible_operator)

    def resume(self, user: int | None = None) -> None:
        was_on_hold, self.is_parked = self.state is State.ON_HOLD, False
        self.stop_playback()
        self.set_state(State.TALKING)
        self.conversation.add(self.caller.sound, is_outside=True)
        if was_on_hold:
            self.record_event(Kind.RESUMED, user)

    def invite(self, user: int, by: int) -> None:
        self.row.invited.append(user)
        self.inviters[user] = by
        self.record_event(Kind.INVITED, user)

    def withdraw_invitation(self, user: int) -> None:
        """Withdraw the invitation of a colleague who cannot join now."""
        self.row.invited.remove(user)
        self.journal.write_call(self.row)

    def remove_operator(self, user: int, by: int | None = None) -> None:
        """Disconnect an operator. The next one becomes responsible for the call. `by`: who took the call over."""
        if leg := self.legs.pop(user, None):
            leg.hang_up()
        if user in self.row.operators:
            self.row.operators.remove(user)
        self.record_event(Kind.LEFT, user, by)
        self.remove_monitors_beside_nobody()

    def leave_to_others(self, user: int) -> None:
        """Remove an operator while others stay. A caller on hold comes back: those who stay did not put them there."""
        self.remove_operator(user)
        if self.state is State.ON_HOLD:
            self.resume()

    # Third parties.
    def record_third_party_dialled(self, role: ThirdParty, user: int) -> None:
        """Note that an operator calls somebody in. Their sound is connected when they answer."""
        self.row.third_party, self.row.third_party_joined_at = role, None
        self.record_event(Kind.DIALLED, user)

    def add_third_party(self, leg: Leg) -> None:
        self.third_party, self.row.third_party_joined_at = leg, timezone.now()
        leg.on_end = self.remove_third_party
        self.conversation.add(leg.sound, is_outside=True)
        self.record_event(Kind.THIRD_IN)

    def remove_third_party(self) -> None:
        """Hang up the third party, or note that nobody answered. Without one, does nothing."""
        if not self.row.third_party:
            return
        if self.third_party:
            self.third_party.hang_up()
        self.third_party, self.row.third_party, self.row.third_party_joined_at = None, "", None
        self.record_event(Kind.THIRD_OUT)

    # Who listens or whispers: supervisors, mentors and trainees.
    def start_monitoring(self, user: int, *, whispers: bool, beside: list[int] | None) -> None:
        """Let somebody listen, or whisper to the operators. Their sound may be connected already, or later.
        `beside`: operators; the monitor stays while one of them is in the call. None: a supervisor, who may stay.
        """
        if beside is not None:
            self.beside[user] = beside
        self.row.listeners = [each for each in self.row.listeners if each != user]
        self.row.whisperers = [each for each in self.row.whisperers if each != user]
        (self.row.whisperers if whispers else self.row.listeners).append(user)
        if leg := self.monitors.get(user):
            self.conversation.add(leg.sound, Audibility.WHISPER if whispers else Audibility.SILENT)
        self.record_event(Kind.WHISPERING if whispers else Kind.LISTENING, user)

    def add_monitor(self, user: int, leg: Leg) -> None:
        """Connect the sound of somebody who listens or whispers."""
        if old := self.monitors.pop(user, None):
            old.send_state("elsewhere")
            old.hang_up()
        self.monitors[user] = leg
        self.conversation.add(leg.sound, Audibility.WHISPER if user in self.row.whisperers else Audibility.SILENT)

    def remove_monitor(self, user: int) -> Leg | None:
        """Remove a monitor of this call. Returns their leg, which is not hung up."""
        self.beside.pop(user, None)
        self.row.listeners = [each for each in self.row.listeners if each != user]
        self.row.whisperers = [each for each in self.row.whisperers if each != user]
        if self.written and self.written[0] == user:
            self.written = None
        if leg := self.monitors.pop(user, None):
            self.conversation.remove(leg.sound)
        return leg

    def hang_up_monitor(self, user: int) -> None:
        """Remove a monitor of this call, and hang up their leg."""
        if leg := self.remove_monitor(user):
            leg.hang_up()
        self.record_event(Kind.LEFT, user)

    def remove_monitors_beside_nobody(self) -> None:
        """Remove and hang up each mentor or trainee who monitors the call without their trainee or mentor in it."""
        for user, operators in list(self.beside.items()):
            if set(operators).isdisjoint(self.row.operators):
                self.hang_up_monitor(user)

    async def while_it_lasts[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`. If the call ends, cancel `work` and raise `Refused`, so that no telephone goes on ringing."""
        task = asyncio.create_task(work)
        self._awaited.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self.has_ended:
                raise Refused(_("The caller hung up.")) from None
            raise
        finally:
            self._awaited.discard(task)

    # The end.
    def _handle_caller_gone(self) -> None:
        if self.caller.fell_silent:
            self.end(Ending.SILENCE)
        elif self.state in (State.MENU, State.WAITING, State.CONNECTING):
            self.end(Ending.GAVE_UP)
        elif self.state is State.MESSAGE:
            self.caller.hang_up()  # what was recorded is a message; its coroutine ends the call
        else:
            self.end(Ending.CALLER)

    def end(self, ending: Ending) -> None:
        """End the call and hang up all legs. A second time does nothing."""
        if self.has_ended:
            return
        self.has_ended = True
        self.remove_third_party()
        self.row.state, self.row.ending, self.row.ended_at = State.ENDED, ending, timezone.now()
        self.caller.send_state(CUT if ending is Ending.LOST else State.ENDED)
        for leg in self.legs.values():
            leg.send_word(CUT if ending is Ending.LOST else State.ENDED)
        self.row.operators, self.row.invited, self.row.ringing_for_id = [], [], None
        self.row.listeners, self.row.whisperers, self.written = [], [], None
        self.beside.clear()
        self.record_event(Kind.ENDED)
        self.stop_playback()
        for leg in (self.caller, *self.legs.values(), *self.monitors.values()):
            leg.hang_up()
        self.legs.clear()
        self.monitors.clear()
        for task in self._awaited:
            task.cancel()
        self.on_end()
