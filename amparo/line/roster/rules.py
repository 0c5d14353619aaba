"""What operators do with their seat. It records whether they may be rung; the switchboard knows who is in a call."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core.actor import SWITCHBOARD, role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey

from .demand import record_demand
from .models import CHOSEN, GONE_AFTER, Device, Employer, Employment, Mentor, Queue, Seat, ShiftHandOver, State
from .resting import SHIFT, current_rest, end_rest, start_rest_after_hard_contact
from .ringing import NOT_CERTIFIED, is_certified, may_take, rings_for_nobody
from .uncovered import hours_in_words, newly_uncovered
from .wave import MOST_LIFT, WaveCheck, check_wave

__all__ = [
    "MOST_LIFT",
    "NOT_CERTIFIED",
    "SHIFT",
    "ShiftCounts",
    "WaveCheck",
    "acknowledge_shift",
    "check_wave",
    "current_rest",
    "end_rest",
    "hand_over_shift",
    "hours_in_words",
    "is_certified",
    "is_public_official",
    "issue_phone_secret",
    "mark_seen",
    "may_take",
    "mentor_of",
    "newly_uncovered",
    "open_console",
    "record_demand",
    "rings_for_nobody",
    "set_device",
    "set_languages",
    "set_state",
    "start_rest_after_hard_contact",
    "take_seat",
    "trainees_of",
]  # fmt: skip


@action(permissions.take_calls, label=gettext_lazy("took a seat"))
def take_seat(*, by: User, now: datetime) -> Seat:
    """Return the seat of `by`, and create it at the first visit. Later calls change nothing."""
    if seat := Seat.objects.filter(pk=by.pk).first():
        return seat
    holders = by.acting().holders[0], SWITCHBOARD.holders[1]  # the switchboard checks the phone's secret
    try:
        with transaction.atomic():
            key = DataKey.objects.make(*holders, agency=by.agency.pk, kind="seat")
            return Seat.objects.create(user=by, since=now, key=key)
    except IntegrityError:  # another page, opened at the same moment, was first
        return Seat.objects.get(pk=by.pk)


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


def open_console(user_id: int, *, signed_in_at: datetime, served_since: datetime, now: datetime) -> None:
    """Record that a console of this user opens, and notify.

    Somebody who signed in after they said that they are ready, or whose consoles were all closed for a minute, has
    left the shift: nobody is rung who has not said so here. A call and its wrap-up go on. Time before
    `served_since`, when we could not serve a console, does not count as closed.
    """
    is_gone = Q(since__lt=signed_in_at)
    if served_since <= now - GONE_AFTER:
        is_gone |= Q(seen_at__lte=now - GONE_AFTER)
    if Seat.objects.filter(is_gone, pk=user_id, state__in=CHOSEN).update(state=State.OFF, since=now):
        notify("seats")
    mark_seen(user_id, now)


def mark_seen(user_id: int, now: datetime) -> None:
    """Record that the console of this user is open. Notifies only if they were on shift with a closed console."""
    seat = Seat.objects.filter(pk=user_id)
    was_away = seat.exclude(state=State.OFF).exists() and not seat.on_shift(now).exists()
    seat.update(seen_at=now)
    if was_away:
        notify("seats")


def trainees_of(user: User, now: datetime) -> set[int]:
    """Return the user ids of this mentor's trainees. Empty if the rules ask for a certificate that the mentor lacks."""
    if not is_certified(Queue.CALLS, user.pk, now):
        return set()
    return set(Mentor.objects.filter(mentor=user).values_list("trainee", flat=True))


def mentor_of(user: User) -> int | None:
    """Return the user id of this trainee's mentor, or None."""
    return Mentor.objects.filter(pk=user.pk).values_list("mentor", flat=True).first()


def is_public_official(user: User) -> bool:
    """Whether the State employs this person, who then has a duty to report."""
    return Employment.objects.filter(pk=user.pk, employer=Employer.STATE).exists()


@dataclass(frozen=True)
class ShiftCounts:
    """How much is open on the whole line."""

    alerts: int  # calls in which danger was marked, in the last day
    in_danger: int  # open cases of people in danger
    urgent: int  # other urgent open cases
    promises: int  # promises to people that are due within a day, or late
    return_calls: int  # people to call back


@action(permissions.take_calls, label=gettext_lazy("handed the shift over"))
def hand_over_shift(counts: ShiftCounts, words: str = "", *, by: User, now: datetime) -> ShiftHandOver:
    """Leave a hand-over for everybody who takes calls. Its sentence is sealed, and later forgotten."""
    holders = [role_holder(by.agency.pk, role) for role in (Role.OPERATOR, Role.SUPERVISOR)]
    key = DataKey.objects.make(*holders, agency=by.agency.pk, kind="shift")
    left = ShiftHandOver.objects.create(
        key=key, words=words.strip() or None, written_at=now, written_by=by, **asdict(counts)
    )
    key.close(now)
    notify("seats")
    return left


@action(permissions.take_calls, label=gettext_lazy("took the shift over"))
def acknowledge_shift(left: ShiftHandOver, *, by: User, now: datetime) -> ShiftHandOver:
    """Record that `by` has read the hand-over and takes the shift over. Only the first acknowledgement counts."""
    found = ShiftHandOver.objects.select_for_update(of=("self",)).filter(pk=left.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    if found.read_at is None:
        if found.written_by_id == by.pk:
            raise Refused(_("A colleague reads what you hand over."))
        found.read_at, found.read_by = now, by
        found.save(update_fields=["read_at", "read_by"])
        notify("seats")
    return found


label_verb("look shifthandover", gettext_lazy("read the hand-over of a shift"))
