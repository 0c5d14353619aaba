"""How supervisors, mentors and trainees follow a call, where the administrator allows it: they listen or whisper."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current
from amparo.line.roster.models import GONE_AFTER

from .legs import Leg
from .live_call import Kind, LiveCall
from .models import State
from .practice_calls import refuse_practice_of_others
from .seats import Seats
from .telephones import Telephones

MOST_OF_CHATS = 200  # sentences about chats that are kept


class Listening:
    """Commands of the web process to follow a call (listen, or whisper to its operators), and to join it.

    `find` returns the live call with an id. `refuse_if_busy` raises `Refused` for a user who is in another call.
    `join` connects a user as an operator.
    """

    def __init__(
        self,
        telephones: Telephones,
        find: Callable[[str], LiveCall],
        refuse_if_busy: Callable[[int, LiveCall], None],
        join: Callable[[LiveCall, int, Leg], None],
    ) -> None:
        self._telephones, self._find = telephones, find
        self._refuse_if_busy, self._join = refuse_if_busy, join
        self.began: dict[int, float] = {}  # seconds (monotonic) at which each user last began to follow a call
        # by the chat's id: for whom, by whom, and the sentence; the newest, in this memory alone
        self._of_chats: dict[str, tuple[int, int, str]] = {}

    async def listen(self, call: str, user: int, beside: list[int] | None) -> dict[str, Any]:
        """Let somebody listen without being heard. Their sound is connected later, by the command `join`.

        `beside`: the operators whose mentor or trainee this user is; the user may listen while one of these is in the
        call. None: a supervisor.
        """
        self._start_monitoring(call, user, beside, whispers=False)
        return {}

    async def whisper(self, call: str, user: int, beside: list[int] | None) -> dict[str, Any]:
        """Let somebody whisper: the operators hear it, the caller and third parties do not.

        `beside`: the operators whose mentor this user is; the user may whisper while one of these is in the call.
        None: a supervisor.
        """
        self._start_monitoring(call, user, beside, whispers=True)
        return {}

    async def write_whisper(self, call: str, user: int, words: str) -> dict[str, Any]:
        """Show a sentence of `user`, who follows the call, to its operators. The next sentence replaces it."""
        live = self._find(call)
        if user not in live.row.monitors:
            raise Refused(_("Listen to the call first."))
        live.written = (user, words)
        live.record_event(Kind.WHISPERING, user)
        return {}

    async def read_whisper(self, call: str, user: int) -> dict[str, Any]:
        """Return the last sentence that a supervisor or mentor wrote about this call: `by` (a user id) and `words`.

        Empty: there is no sentence, or this user may not read it. The operators of the call may read it, and the
        operator chosen to answer the waiting call.
        """
        live = self._find(call)
        if live.written is None or user not in (*live.row.operators, live.row.passed_to_id):
            return {}
        by, words = live.written
        return {"by": by, "words": words}

    async def write_sentence_on_chat(self, chat: str, user: int, colleague: int, words: str) -> dict[str, Any]:
        """Store a supervisor's sentence for the colleague chosen to answer a chat, in place of an earlier sentence.

        Blank words delete it.
        """
        self._of_chats.pop(chat, None)
        if words:
            self._of_chats[chat] = (colleague, user, words)
        while len(self._of_chats) > MOST_OF_CHATS:
            del self._of_chats[next(iter(self._of_chats))]
        return {}

    async def read_sentence_on_chat(self, chat: str, user: int) -> dict[str, Any]:
        """Return the sentence about a chat that is kept for this user: `by` (a user id) and `words`. Empty: none."""
        colleague, by, words = self._of_chats.get(chat, (None, 0, ""))
        return {"by": by, "words": words} if user == colleague else {}

    async def speak(self, call: str, user: int) -> dict[str, Any]:
        """Let somebody who follows the call join it: everybody hears them, and they count as an operator."""
        live = self._find(call)
        if user not in live.monitors:
            raise Refused(_("Listen to the call first."))
        if leg := live.remove_monitor(user):
            self._join(live, user, leg)
        return {}

    async def take_over(self, call: str, user: int, trainees: list[int] | None) -> dict[str, Any]:
        """Give the call to somebody who follows it or is in it, in the place of operators. The caller is never alone.

        `trainees`: the operators whose mentor this user is; they leave the call. None: a supervisor, and all leave.
        If the responsible operator leaves, this user becomes responsible. Otherwise that operator stays responsible.
        Invitations by those who leave are withdrawn.
        """
        live = self._find(call)
        leaving = [each for each in live.row.operators if each != user and (trainees is None or each in trainees)]
        if user in live.row.operators and not leaving:
            return {}  # a second press: already done
        if not leaving:
            raise Refused(_("Your colleague has left this call."))
        becomes_responsible = live.responsible_operator in leaving
        if user not in live.row.operators:
            await self.speak(call, user)
        elif user not in live.legs:
            raise Refused(_("Your voice is not in the call. Load the page again to come back to it."))
        for each in leaving:
            live.remove_operator(each, by=user)
        for each in [*live.row.invited]:
            if live.inviters.get(each) not in live.row.operators:
                live.withdraw_invitation(each)
        if becomes_responsible:
            live.row.operators.sort(key=lambda each: each != user)
        if live.state is State.ON_HOLD:
            live.resume(user)  # this user did not put the caller on hold
        live.journal.write_call(live.row)
        return {}

    async def stop_listening(self, call: str, user: int) -> dict[str, Any]:
        live = self._find(call)
        if user not in live.row.monitors:
            raise Refused(_("You follow this call no more."))
        live.hang_up_monitor(user)
        return {}

    def stop_all_monitoring(self, user: int, calls: Iterable[LiveCall]) -> None:
        """Remove this user as a monitor of all calls, because they join one as an operator."""
        for live in calls:
            if user in live.row.monitors:
                live.hang_up_monitor(user)

    def remove_unpermitted_monitors(self, calls: Iterable[LiveCall], seats: Seats) -> None:
        """Remove monitors who are no longer supervisors, nor mentor or trainee of an operator in the call.

        Also those whose console has been closed for a minute, as after signing out: a desk phone would go on. All of
        them, once listening is switched off.
        """
        is_allowed = current().listening
        for live in calls:
            for user in live.row.monitors:
                if not is_allowed or self._has_left_console(user, seats):
                    live.hang_up_monitor(user)
                elif user in live.beside:
                    live.beside[user] = [each for each in live.beside[user] if (user, each) in seats.mentorships]
                elif user not in seats.supervisors:
                    live.hang_up_monitor(user)
            live.remove_monitors_beside_nobody()

    def _has_left_console(self, user: int, seats: Seats) -> bool:
        """Whether this user's console is closed. In the first minute of following a call it may not be open yet."""
        since = time.monotonic() - self.began.get(user, float("-inf"))
        return seats.at_console is not None and user not in seats.at_console and since > GONE_AFTER.total_seconds()

    def connect_monitor(self, live: LiveCall, user: int, leg: Leg) -> None:
        """Connect the sound of somebody who follows this call. Raises `Refused` if they follow it no more."""
        if user not in live.row.monitors:
            leg.hang_up()
            raise Refused(_("You follow this call no more."))
        leg.on_end = lambda: self._handle_leg_end(live, user, leg)
        live.add_monitor(user, leg)

    def _handle_leg_end(self, live: LiveCall, user: int, leg: Leg) -> None:
        """Handle a monitor's leg that ended by itself. A page may connect again; a desk phone's user is removed."""
        if live.monitors.get(user) is leg:
            del live.monitors[user]
            if leg.hangs_up_for_all:
                live.remove_monitor(user)
                live.record_event(Kind.LEFT, user)

    def _start_monitoring(self, call: str, user: int, beside: list[int] | None, *, whispers: bool) -> None:
        live = self._find(call)
        refuse_practice_of_others(live, user)
        if not current().listening:
            raise Refused(_("Listening is switched off here. The administrator may allow it, if the law does."))
        if not live.row.operators or live.state is State.CONNECTING:
            raise Refused(_("Nobody talks with this caller now."))
        if user in live.row.operators:
            raise Refused(_("You are in this call: everybody hears you."))
        if beside is not None and set(beside).isdisjoint(live.row.operators):
            raise Refused(_("Your colleague has left this call."))
        self._refuse_if_busy(user, live)
        self.began[user] = time.monotonic()
        live.start_monitoring(user, whispers=whispers, beside=beside)
