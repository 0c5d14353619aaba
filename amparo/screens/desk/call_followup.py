"""Set an operator in a call to busy, and open the call's contact.

Done after a call is answered, and again when the console is drawn, so that connecting the voice never waits for it.
A contact that could not be opened at once is opened a moment later.
"""

from contextlib import suppress

from django.db import OperationalError
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import require_durable_commit
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state
from amparo.line.switchboard.models import Call

from .console import Console, Mode


def needs_followup(console: Console) -> bool:
    return console.mode is Mode.CALL and (console.contact is None or console.seat.state != State.BUSY)


def follow_up(user: User) -> None:
    now = timezone.now()
    with suppress(OperationalError, Refused):
        # this can run within a GET, whose transaction would else commit without waiting for the disk
        require_durable_commit()
        set_state(State.BUSY, by=user, now=now)
        for call in Call.objects.live().filter(operators__contains=[user.pk]):
            open_contact(call, by=user, now=now)
