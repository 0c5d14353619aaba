"""Marks of a call that our people set: danger, and a caller who cannot speak."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .live_call import LiveCall
from .practice_calls import refuse_alarm_in_practice


class Marks:
    """The commands that mark danger or silence in a call. They are refused to people who have no part in the call.

    `find` returns the live call with this id.
    """

    def __init__(self, find: Callable[[str], LiveCall]) -> None:
        self._find = find

    async def mark_danger(self, call: str, user: int) -> dict[str, Any]:
        live = self._find_own(call, user)
        live.mark_danger(user)
        refuse_alarm_in_practice(live.row)
        return {}

    async def mark_silent(self, call: str, user: int) -> dict[str, Any]:
        self._find_own(call, user).mark_silent(user)
        return {}

    def _find_own(self, call: str, user: int) -> LiveCall:
        """Return the call. Raises `Refused` unless this user is in it, is invited, follows it, or it rings or rang for
        them.
        """
        live = self._find(call)
        row = live.row
        own = (*row.operators, *row.invited, *row.monitors, row.ringing_for_id, row.passed_to_id, *live.missed)
        if user not in own:
            raise Refused(_("You are not in this call."))
        return live
