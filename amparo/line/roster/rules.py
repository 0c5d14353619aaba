"""Verbs of a seat. Who is in a call is the switchboard's affair; here one only says whether one may be rung."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import SWITCHBOARD
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey

from .models import Device, Seat, State


@action(permissions.take_calls)
def take_seat(*, by: User, now: datetime) -> Seat:
    """The seat of `by`, made at the first visit; coming back changes nothing."""
    if seat := Seat.objects.filter(pk=by.pk).first():
        return seat
    holders = by.acting().holders[0], SWITCHBOARD.holders[1]  # the switchboard checks the desk phone's secret
    return Seat.objects.create(user=by, since=now, key=DataKey.objects.make(*holders, agency=by.agency.pk, kind="seat"))


@action(permissions.take_calls)
def set_state(state: State, *, by: User, now: datetime) -> None:
    """Ready, on a break, busy or off: the switchboard rings only who is ready."""
    Seat.objects.filter(pk=by.pk).exclude(state=state).update(state=state, since=now)
    notify("seats")


@action(permissions.take_calls)
def set_device(device: Device, *, by: User) -> None:
    """Talk in the browser or on the desk phone from the next call on."""
    Seat.objects.filter(pk=by.pk).update(device=device)
    notify("seats")


@action(permissions.take_calls)
def set_languages(seat: Seat, languages: list[str], *, by: User) -> Seat:
    """In which languages this person answers calls, from the next one on; by themselves or by a supervisor."""
    if seat.pk != by.pk and not permissions.supervise(by):
        raise Refused(_("Only a supervisor sets the languages of somebody else."))
    chosen = [code for code, _name in settings.LANGUAGES if code in languages]
    if not chosen or len(chosen) < len(set(languages)):
        raise Refused(_("Choose at least one language of the list."))
    with connection.cursor() as cursor:
        cursor.execute("select roster_set_languages(%s, %s)", [seat.pk, chosen])
    notify("seats")
    return Seat.objects.get(pk=seat.pk)


@action(permissions.take_calls)
def issue_phone_secret(*, by: User) -> str:
    """A new secret for the desk phone of `by`, shown once; the old one is worth nothing from now on."""
    seat = Seat.objects.select_for_update().get(pk=by.pk)
    seat.phone_secret = secrets.token_urlsafe(12)
    seat.save(update_fields=["phone_secret"])
    notify("seats")
    return str(seat.phone_secret)


def mark_seen(user_id: int, now: datetime) -> None:
    """The console of this user is open; notes only when it was not."""
    was_away = not Seat.objects.filter(pk=user_id).on_shift(now).exists()
    Seat.objects.filter(pk=user_id).update(seen_at=now)
    if was_away:
        notify("seats")
