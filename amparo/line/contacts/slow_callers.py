"""A caller who misuses the line waits behind others for two hours. Nobody is refused (docs/decisions/0010)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.rules import slow_down

from .models import Contact

RECOGNISED = timedelta(days=1)  # how long a pseudonym lasts at most


@action(permissions.supervise, label=gettext_lazy("placed the caller's next calls behind others"))
def slow_caller(contact: Contact, *, by: User, now: datetime) -> None:
    """Let the next calls of this caller wait behind others for two hours. Raises `Refused` unless `can_be_slowed`.

    Raises `Unreachable` if the switchboard does not answer.
    """
    slow_down(_recognised_call(contact, now), on=True, by=by)


@action(permissions.supervise, label=gettext_lazy("no longer places the caller's calls behind others"))
def end_slowing(contact: Contact, *, by: User, now: datetime) -> None:
    slow_down(_recognised_call(contact, now), on=False, by=by)


def can_be_slowed(contact: Contact, now: datetime) -> bool:
    """Whether the contact came by a call whose caller is recognised if they call again, and not in danger."""
    call = contact.call
    return bool(call and call.pseudonym and not call.danger and now - call.arrived_at < RECOGNISED)


def _recognised_call(contact: Contact, now: datetime) -> Call:
    call = contact.call
    if call is None or not can_be_slowed(contact, now):
        raise Refused(
            _("This caller waits behind nobody: danger was marked, or a next call would not be recognised as theirs.")
        )
    return call
