"""After an operator has answered a call: show the operator as busy, and open the contact of the call.

This runs after the answer, so that connecting the voice never waits for it. The switchboard writes the row of the call
a moment later. If the row comes too late, the console says so, and its script asks again (`Console.is_behind`); also
when the caller has hung up meanwhile, so that what was said in the call can still be noted.
"""

from contextlib import suppress

from django.db import OperationalError
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact
from amparo.line.contacts.summaries import calls_without_contact
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state
from amparo.line.switchboard.models import Call


def mark_busy_and_open_contact(user: User) -> None:
    now = timezone.now()
    with suppress(OperationalError):
        with suppress(Refused):
            set_state(State.BUSY, by=user, now=now)
        for call in (*Call.objects.live().filter(operators__contains=[user.pk]), *calls_without_contact(user, now)):
            with suppress(Refused):
                open_contact(call, by=user, now=now)
