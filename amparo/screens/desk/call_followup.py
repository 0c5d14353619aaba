"""Whoever is in a call is busy and has its contact open.

Done when a call is answered, and again whenever the console is drawn: the voice never waits for the paper, and a
contact that could not be opened at once is opened a moment later.
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


def is_unsettled(console: Console) -> bool:
    return console.mode is Mode.CALL and (console.contact is None or console.seat.state != State.BUSY)


def settle(user: User) -> None:
    now = timezone.now()
    with suppress(OperationalError, Refused):
        require_durable_commit()  # a page that is only read settles, too
        set_state(State.BUSY, by=user, now=now)
        for call in Call.objects.live().filter(operators__contains=[user.pk]):
            open_contact(call, by=user, now=now)
