"""Third parties whom an operator calls into a running call: an interpreter, the police, a shelter.

The number goes to the trunk, or the SIP address to its host, and nowhere else: no row, event or ledger entry contains
it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .live_call import LiveCall
from .models import ThirdParty
from .practice_calls import refuse_company_in_practice
from .telephones import Telephones, Unanswered


class ThirdParties:
    """The web's commands to call somebody in. `find(call, user)` returns the operator's call, or raises `Refused`.

    `play_to_lone_caller` plays music or the queue to a caller who is alone, and joins one on hold with a third party.
    """

    def __init__(
        self,
        telephones: Telephones,
        find: Callable[[str, int], LiveCall],
        play_to_lone_caller: Callable[[LiveCall], None],
    ) -> None:
        self._telephones, self._find, self._play_to_lone_caller = telephones, find, play_to_lone_caller
        self._ringing: dict[LiveCall, asyncio.Task[None]] = {}

    async def dial_in(self, call: str, user: int, number: str, role: str) -> dict[str, Any]:
        """Call this number or SIP address, and connect it to everybody in the call when it answers. One at a time."""
        live = self._find(call, user)
        refuse_company_in_practice(live)
        if role not in ThirdParty.values:
            raise Refused(_("Say who is called: choose one of the list."))
        if live.row.third_party:
            raise Refused(_("Somebody is being called already. Let them go first."))
        self._telephones.route_to(number)
        live.record_third_party_dialled(ThirdParty(role), user)
        self._ringing[live] = task = asyncio.create_task(self._ring(live, number))
        task.add_done_callback(lambda done: self._forget_ringing(live, done))
        return {}

    async def hang_up_third_party(self, call: str, user: int) -> dict[str, Any]:
        """Hang up the third party, or stop calling them. The call goes on."""
        live = self._find(call, user)
        if task := self._ringing.get(live):
            task.cancel()
        live.remove_third_party()
        return {}

    def _forget_ringing(self, live: LiveCall, ringing: asyncio.Task[None]) -> None:
        if self._ringing.get(live) is ringing:  # another number may ring by now
            del self._ringing[live]

    async def _ring(self, live: LiveCall, number: str) -> None:
        try:
            leg = await live.while_it_lasts(self._telephones.call_out(number))
        except Unanswered:
            live.remove_third_party()
        except Refused:
            pass  # the call ended while it rang
        else:
            if live.has_ended or leg.is_over or not live.row.third_party:
                leg.hang_up()
                live.remove_third_party()
                return
            live.add_third_party(leg)
            leg.on_end = lambda: self._handle_hangup(live)
            if live.is_parked:
                live.resume()
            elif not live.legs:
                self._play_to_lone_caller(live)

    def _handle_hangup(self, live: LiveCall) -> None:
        live.remove_third_party()
        self._play_to_lone_caller(live)
