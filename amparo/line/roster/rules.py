"""What operators do with their seat. It records whether they may be rung; the switchboard knows who is in a call."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import SWITCHBOARD
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey

from .models import Device, Seat, State


@action(permissions.take_calls, label=gettext_lazy("took a seat"))
def take_seat(*, by: User, now: datetime) -> Seat:
    """Return the seat of `by`, and create it at the first visit. Later calls change nothing."""
    if seat := Seat.objects.filter(pk=by.pk).first():
        return seat
    holders = by.acting().holders[0], SWITCHBOARD.holders[1]  # the switchboard checks the phone's secret
    return Seat.objects.create(user=by, since=now, key=DataKey.objects.make(*holders, agency=by.agency.pk, kind="seat"))


@action(permissions.take_calls, label=gettext_lazy("came on shift, or left it"))
def set_state(state: State, *, by: User, now: datetime) -> None:
    """Set the state of a seat. The switchboard rings only operators who are ready."""
    Seat.objects.filter(pk=by.pk).exclude(state=state).update(state=state, since=now)
    notify("seats")


@action(permissions.take_calls, label=gettext_lazy("chose a telephone"))
def set_device(device: Device, *, by: User) -> None:
    """Choose the browser or the desk phone, from the next call on."""
    Seat.objects.filter(pk=by.pk).update(device=device)
    notify("seats")


@action(permissions.take_calls, label=gettext_lazy("set languages"))
def set_languages(seat: Seat, languages: list[str], *, by: User) -> Seat:
    """Set the languages in which this operator answers calls, from the next call on.

    Operators set their own; a supervisor may set anybody's. Raises `Refused` otherwise, or for an unknown language.
    """
    if seat.pk != by.pk and not permissions.supervise(by):
        raise Refused(_("Only a supervisor sets the languages of somebody else."))
    chosen = [code for code, _name in settings.LANGUAGES if code in languages]
    if not chosen or len(chosen) < len(set(languages)):
        raise Refused(_("Choose at least one language of the list."))
    with connection.cursor() as cursor:
        cursor.execute("select roster_set_languages(%s, %s)", [seat.pk, chosen])
    notify("seats")
    return Seat.objects.get(pk=seat.pk)


@action(permissions.take_calls, label=gettext_lazy("gave a desk phone its secret"))
def issue_phone_secret(*, by: User) -> str:
    """Return a new secret for the desk phone of `by`. It is shown once, and the old one stops working."""
    seat = Seat.objects.select_for_update().get(pk=by.pk)
    seat.phone_secret = secrets.token_urlsafe(12)
    seat.save(update_fields=["phone_secret"])
    notify("seats")
    return str(seat.phone_secret)


def mark_seen(user_id: int, now: datetime) -> None:
    """Record that the console of this user is open. Notifies only if it was not open before."""
    was_away = not Seat.objects.filter(pk=user_id).on_shift(now).exists()
    Seat.objects.filter(pk=user_id).update(seen_at=now)
    if was_away:
        notify("seats")
