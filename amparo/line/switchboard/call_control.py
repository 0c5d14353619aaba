"""All live calls, and the commands about them that the web process sends."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .browsers import Browsers
from .condition import Condition
from .control import Verb
from .cut_calls import CutCalls
from .distribution import Distribution
from .journal import Journal
from .legs import Leg
from .listening import Listening
from .live_call import Kind, LiveCall
from .locked_operators import remove_locked_operators
from .marks import Marks
from .media.clock import Clock
from .menu import Menu
from .models import Call, Direction, Ending, State
from .practice_calls import PracticeCalls, refuse_company_in_practice, refuse_practice_of_others
from .prompts.library import Library
from .return_calls import ReturnCalls
from .seats import Seats
from .telephones import Telephones, Unanswered
from .third_parties import ThirdParties
from .visitors import Visitors

PARK_AFTER = 5.0  # seconds without an operator before the caller is put on hold: a page reloads in one or two
COME_BACK = 60.0  # seconds an operator may be gone (page reload, flat battery) before the call is queued again


class Switchboard:
    """All live calls. `telephones` and `browsers` create their legs; this class treats both kinds alike."""

    def __init__(
        self, clock: Clock, library: Library, seats: Seats, journal: Journal, telephones: Telephones, browsers: Browsers
    ) -> None:
        self.clock, self.library, self.seats, self.journal = clock, library, seats, journal
        self.telephones, self.browsers = telephones, browsers
        self.calls: dict[UUID, LiveCall] = {}
        self.cut_calls = CutCalls()
        self.return_calls = ReturnCalls(telephones, journal, self._connect_return_call)
        self._tasks: set[asyncio.Task[None]] = set()
        self.distribution = Distribution(lambda: self.calls.values(), seats)
        self.visitors = Visitors(browsers, self.begin_call)
        self.condition = Condition(telephones, library, self.distribution, self.visitors, lambda: len(self.calls))
        self.marks = Marks(self._find)
        self.third_parties = ThirdParties(telephones, self._find_connected, self._play_to_lone_caller)
        self.listening = Listening(telephones, self._find, self._refuse_a_second_call, self._connect_operator)
        seats.on_change.append(lambda: self.listening.remove_unpermitted_monitors(self.calls.values(), seats))
        seats.on_change.append(
            lambda: remove_locked_operators(self.calls.values(), seats.locked, self._play_to_lone_caller)
        )
        self.practice = PracticeCalls()
        telephones.expects_own_call = lambda: self.practice.is_expected

    @property
    def verbs(self) -> dict[str, Verb]:
        """The commands that the web process may send, by name."""
        commands = (
            (self, "answer join decline hold resume mute invite leave end call_back"),
            (self.condition, "ping status desk_phone_encryption"),
            (self.listening, "listen whisper write_whisper read_whisper speak take_over stop_listening"),
            (self.listening, "write_sentence_on_chat read_sentence_on_chat"),
            (self.marks, "mark_danger mark_silent"),
            (self.third_parties, "dial_in hang_up_third_party"),
            (self.distribution, "slow slowed_until pass_to"),
            (self.practice, "expect_practice"),
            (self.visitors, "call_from_page queue_delay_of_chat"),
        )
        return {name: getattr(owner, name) for owner, names in commands for name in names.split()}

    def begin_call(
        self,
        leg: Leg,
        queue_key: bytes | None = None,
        behind: float = 0.0,
        wanted: int | None = None,
        came_from: UUID | None = None,
        **what: Any,
    ) -> LiveCall:
        """Start a call with the opening prompts. `leg` is the caller, who is connected already.

        `queue_key` (a pseudonym) and `behind` (seconds) decide its place in the queue. `wanted` is the id of the
        operator for whom it rings first. `came_from`: the call that a fault cut. `what`: other columns.
        """
        row = Call(arrived_at=timezone.now(), **what)
        queue, at = self.distribution.queue, row.arrived_at.timestamp()
        row.returns_to = self.cut_calls.claim(came_from, row, row.arrived_at)
        call = self._add_call(row, leg)
        call.wanted = wanted
        call.ticket = queue.issue_ticket(queue_key, at, behind=behind)
        call.ticket.comes_back = bool(row.returns_to) and not (queue_key and queue.slowed_until(queue_key, at))
        call.play_to_caller(self._menu_of(call).receive_caller())
        return call

    def _add_call(self, row: Call, leg: Leg) -> LiveCall:
        call = self.calls[row.pk] = LiveCall(row, leg, self.clock, self.journal)
        call.on_change = self.distribution.wake
        call.on_end = lambda: self._remove_call(row)
        return call

    def _remove_call(self, row: Call) -> None:
        self.calls.pop(row.pk, None)
        self.cut_calls.add(row)
        self.distribution.wake()

    def _menu_of(self, call: LiveCall) -> Menu:
        surge = self.distribution.surge
        return Menu(call, self.library, lambda: not self.seats.answering_operators(timezone.now()), lambda: surge.is_on)

    def _play_to_lone_caller(self, call: LiveCall) -> None:
        self._menu_of(call).play_to_lone_caller()

    async def close(self, farewell: float) -> None:
        """Tell waiting callers that the line closes for a moment, then hang up all calls after `farewell` seconds."""
        sound = self.library.sound("line-closing")
        waiting = [call for call in self.calls.values() if not call.legs]
        for call in waiting:
            call.stop_playback()  # otherwise the menu would play over it
        words = [asyncio.create_task(call.caller.sound.play(sound)) for call in waiting]
        if words:
            await asyncio.wait(words, timeout=farewell)
        for call in list(self.calls.values()):
            call.end(Ending.LOST)

    # Commands of the web: keyword arguments as they were sent; they return JSON.

    async def answer(self, call: str, user: int, offer: str | None) -> dict[str, Any]:
        live = self._find(call)
        refuse_practice_of_others(live, user)
        if not live.is_waiting:
            raise Refused(_("Already answered, or the caller has gone."))
        if live.row.practice_of_id is None:
            self.seats.refuse_uncertified(user, timezone.now())
        self._refuse_a_second_call(user, live)
        live.assign_to(user)
        return await self._bring_in(live, user, offer, on_failure=live.requeue)

    async def join(self, call: str, user: int, offer: str | None) -> dict[str, Any]:
        live = self._find(call)
        if user in live.row.invited:
            self.listening.stop_all_monitoring(user, self.calls.values())
        if user in live.row.monitors:
            return await self._bring_in(
                live, user, offer, on_failure=lambda: None, connect=self.listening.connect_monitor
            )
        if user not in live.row.operators and user not in live.row.invited:
            back = _("You did not get in: the person is back in the queue. Answer again.")
            raise Refused(back if live.is_waiting else _("Nobody asked you into this call."))
        self._refuse_a_second_call(user, live)
        return await self._bring_in(live, user, offer, on_failure=lambda: None)

    async def decline(self, call: str, user: int) -> dict[str, Any]:
        live = self._find(call)
        if user in live.row.invited:
            live.withdraw_invitation(user)
        elif live.is_waiting:
            live.record_missed(user)
            if live.row.ringing_for_id == user:
                live.ring_for(None)
        return {}

    async def hold(self, call: str, user: int) -> dict[str, Any]:
        live = self._find_connected(call, user)
        if live.state is State.TALKING:
            live.hold(self._menu_of(live).play_on_hold(), user)
        return {}

    async def resume(self, call: str, user: int) -> dict[str, Any]:
        live = self._find_connected(call, user)
        if live.state is State.ON_HOLD:
            live.resume(user)
        return {}

    async def mute(self, call: str, user: int, on: bool) -> dict[str, Any]:
        self._find_connected(call, user).legs[user].sound.muted = on
        return {}

    async def invite(self, call: str, user: int, colleague: int) -> dict[str, Any]:
        live = self._find_connected(call, user)
        refuse_company_in_practice(live)
        if colleague not in self.seats.on_shift:
            raise Refused(_("This colleague is not on shift."))
        if colleague not in (*live.row.operators, *live.row.invited):
            live.invite(colleague, user)
        return {}

    async def leave(self, call: str, user: int) -> dict[str, Any]:
        live = self._find_connected(call, user)
        if len(live.legs) < 2:
            raise Refused(_("You are alone with the caller. Wait for a colleague, or end the call."))
        live.leave_to_others(user)
        return {}

    async def end(self, call: str, user: int) -> dict[str, Any]:
        if self.return_calls.stop(UUID(call), user):
            return {}
        live = self._find(call)
        if user not in live.row.operators:
            raise Refused(_("You are not in this call."))
        live.end(Ending.OPERATOR)
        return {}

    async def call_back(self, number: str, language: str, user: int, offer: str | None) -> dict[str, Any]:
        """Place a return call. Returns its id (`call`) and the SDP answer to the operator's browser (`sdp`).

        The operator is connected first and hears the ringing. The person sees the hotline's number.
        """
        self.telephones.trunk_address()
        self.seats.refuse_uncertified(user, timezone.now())
        self._refuse_a_second_call(user)
        with self.return_calls.connecting(user):
            leg, sdp = await self._open_operator_leg(user, offer)
            row = Call(
                direction=Direction.OUTGOING, language=language, arrived_at=timezone.now(), operators=[user],
                state=State.CONNECTING, line=self.telephones.line_number,
            )  # fmt: skip
            self.journal.record_event(row, Kind.ARRIVED, user)
            self.return_calls.ring(row, user, leg, number)
        await self.journal.flush()  # the web opens its contact next
        return {"call": str(row.pk), "sdp": sdp}

    def _connect_return_call(self, row: Call, user: int, operator: Leg, person: Leg) -> None:
        """Connect the operator with the person whom we called, and who has answered."""
        live = self._add_call(row, person)
        if person.is_over or operator.is_over:  # one hung up at the moment the other was connected
            operator.hang_up()
            live.end(Ending.CALLER if person.is_over else Ending.OPERATOR)
        else:
            self._connect_operator(live, user, operator)

    async def _bring_in(
        self,
        live: LiveCall,
        user: int,
        offer: str | None,
        on_failure: Callable[[], None],
        connect: Callable[[LiveCall, int, Leg], None] | None = None,
    ) -> dict[str, Any]:
        try:
            leg, sdp = await live.while_it_lasts(self._open_operator_leg(user, offer))
            if leg.is_over:
                raise Refused(_("Your desk phone hung up. Take the call again."))
        except BaseException:
            if not live.has_ended:
                on_failure()
            raise
        row = live.row
        was_replaced = row.operators and user not in (*row.operators, *row.invited, *row.monitors)
        if live.has_ended or was_replaced:
            leg.hang_up()
            raise Refused(_("The caller hung up.") if live.has_ended else _("You are not in this call."))
        was_muted = self._was_muted(live, user)
        (connect or self._connect_operator)(live, user, leg)
        leg.sound.muted = was_muted
        return {"sdp": sdp, "muted": was_muted}

    def _was_muted(self, live: LiveCall, user: int) -> bool:
        """Whether the operator was muted. They stay muted after a page reload or in another tab."""
        last = live.legs.get(user) or live.gone.get(user)
        return last is not None and last.sound.muted

    async def _open_operator_leg(self, user: int, offer: str | None) -> tuple[Leg, str | None]:
        if offer is not None:
            leg, _sound, sdp = await self.browsers.answer(offer)
            return leg, sdp
        place = self.seats.on_shift.get(user)
        if place is None:
            raise Refused(_("Open your console first."))
        try:
            return await self.telephones.ring_desk_phone(place.username), None
        except Unanswered as failure:
            raise Refused(_("Your desk phone did not answer. Choose the browser, or look at the phone.")) from failure

    def _connect_operator(self, live: LiveCall, user: int, leg: Leg) -> None:
        leg.on_end = lambda: self._handle_operator_gone(live, user, leg)
        live.add_operator(user, leg)

    def _handle_operator_gone(self, live: LiveCall, user: int, leg: Leg) -> None:
        """Handle an operator's leg that ended by itself: a desk phone put down or gone, a page closed or reloaded."""
        if live.legs.get(user) is not leg:
            return
        if leg.fell_silent or not leg.hangs_up_for_all:
            self._keep_place(live, user, leg)
        elif len(live.legs) > 1:
            live.remove_operator(user)
        else:
            live.end(Ending.OPERATOR)

    def _keep_place(self, live: LiveCall, user: int, leg: Leg) -> None:
        """Keep the operator's place for COME_BACK seconds. Then remove them, or requeue the call if they were alone.

        If no colleague and no third party stays with the caller, they are put on hold after PARK_AFTER seconds.
        """
        del live.legs[user]
        live.gone[user] = leg
        self._run_in_background(self._await_return(live, user, leg))

    async def _await_return(self, live: LiveCall, user: int, leg: Leg) -> None:
        def is_still_gone() -> bool:
            """False if the operator came back (even if gone again since), or the call is over."""
            return user not in live.legs and live.gone[user] is leg and user in live.row.operators

        await asyncio.sleep(min(PARK_AFTER, COME_BACK))
        if is_still_gone():
            self._play_to_lone_caller(live)
        await asyncio.sleep(max(0.0, COME_BACK - PARK_AFTER))
        if not is_still_gone():
            return
        if len(live.row.operators) > 1:
            live.remove_operator(user)
        else:
            live.requeue()
            self._play_to_lone_caller(live)

    def _find(self, call: str) -> LiveCall:
        live = self.calls.get(UUID(call))
        if live is None:
            raise Refused(_("This call has ended."))
        return live

    def _refuse_a_second_call(self, user: int, this: LiveCall | None = None) -> None:
        others = [live.row for live in self.calls.values() if live is not this]
        engaged = self.return_calls.engaged.union(*((*row.operators, *row.monitors) for row in others))
        if user in engaged:
            raise Refused(_("You are in another call. End it first."))

    def _find_connected(self, call: str, user: int) -> LiveCall:
        live = self._find(call)
        if user not in live.legs:
            if user in live.row.operators:
                raise Refused(_("Your voice is not in the call. Load the page again to come back to it."))
            raise Refused(_("You are not in this call."))
        return live

    def _run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
