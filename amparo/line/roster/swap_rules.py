"""Swaps: an operator offers a shift, and a colleague who may work it takes it. Supervisors see each step."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .models import Certificate, Queue, RingingRules, Seat, Shift, ShiftOffer
from .uncovered import lock_shifts
from .working_hours import why_too_long


@action(permissions.take_calls, label=gettext_lazy("offered a shift to colleagues"))
def offer_shift(shift: Shift, *, by: User, now: datetime) -> ShiftOffer:
    """Offer the user's own shift before it begins. It stays theirs until a colleague takes it.

    A second offer of the same shift changes nothing.
    """
    if shift.user_id != by.pk or shift.cancelled_at or shift.starts_at <= now:
        raise Refused(_("Offer a shift of your own that has not begun."))
    made = ShiftOffer(shift=shift, offered_by=by, offered_at=now)
    ShiftOffer.objects.bulk_create([made], ignore_conflicts=True)  # a_shift_is_offered_once
    notify("seats")
    return ShiftOffer.objects.open(now).get(shift=shift)


@action(permissions.take_calls, label=gettext_lazy("withdrew the offer of a shift"))
def withdraw_offer(offer: ShiftOffer, *, by: User, now: datetime) -> None:
    """Withdraw the offer of a shift. A second withdrawal changes nothing; a shift that was taken stays taken."""
    if offer.offered_by_id != by.pk:
        raise Refused(_("Only who offered a shift withdraws the offer."))
    ShiftOffer.objects.filter(pk=offer.pk, taken_at=None, withdrawn_at=None).update(withdrawn_at=now)
    notify("seats")


@action(permissions.take_calls, label=gettext_lazy("took the shift of a colleague"))
def take_shift(offer: ShiftOffer, *, by: User, now: datetime) -> Shift:
    """Give an offered shift to `by`.

    Raises `Refused` if the shift would lack a language or a certified operator, or `by` would rest too little or work
    more hours than the law allows.
    """
    lock_shifts()
    offer.refresh_from_db()  # and the hours of its shift, which may have changed
    if reason := why_not_take(offer, by, now):
        raise Refused(reason)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select roster_take_shift(%s, %s)", [offer.pk, now])
            (is_taken,) = cursor.fetchone()
    except IntegrityError as error:
        raise Refused(_("You have another shift at that time.")) from error
    if not is_taken:
        raise Refused(_("This shift is no longer on offer."))
    notify("seats")
    return Shift.objects.get(pk=offer.shift_id)


def why_not_take(offer: ShiftOffer, user: User, now: datetime) -> str:
    """Return the reason why this user cannot take the shift, as a sentence. Blank: they can."""
    shift = offer.shift
    if offer.hours_changed:
        return _("The hours of this shift were changed meanwhile, so it is no longer on offer.")
    if Shift.objects.not_cancelled().overlapping(shift.starts_at, shift.ends_at).filter(user=user).exists():
        return _("You have another shift at that time.")
    if reason := why_too_long(user.pk, shift):
        return reason
    if missing := needed_languages(shift, now) - _languages_of(user.pk):
        names = dict(settings.LANGUAGES)
        return _("Nobody else on that shift answers in: %(languages)s.") % {
            "languages": ", ".join(sorted(str(names[code]) for code in missing))
        }
    if RingingRules.current().by_certificate:
        if user.pk not in _certified_users(Queue.CALLS, shift, now):
            return _("Your certificate for calls is missing, or expires before the shift ends.")
        writers = _certified_users(Queue.CHATS, shift, now)
        if shift.user_id in writers and writers.isdisjoint({user.pk, *_others_planned(shift)}):
            return _("Nobody else on that shift has a certificate for chats that lasts to its end.")
    return ""


def needed_languages(shift: Shift, now: datetime) -> set[str]:
    """Return the languages of the shift's operator that no other planned and certified operator speaks."""
    others = _others_planned(shift)
    if RingingRules.current().by_certificate:
        others &= _certified_users(Queue.CALLS, shift, now)
    return _languages_of(shift.user_id).difference(*(_languages_of(user) for user in others))


def _others_planned(shift: Shift) -> set[int]:
    """Return the ids of other users who are planned for the whole of this shift."""
    around = Shift.objects.planned().filter(starts_at__lte=shift.starts_at, ends_at__gte=shift.ends_at)
    return set(around.exclude(pk=shift.pk).values_list("user", flat=True))


def _certified_users(queue: Queue, shift: Shift, now: datetime) -> set[int]:
    """Return the ids of users whose certificate for this queue is valid until the shift ends."""
    lasting = Certificate.objects.valid(queue, now).filter(expires_at__gte=shift.ends_at)
    return set(lasting.values_list("user", flat=True))


def _languages_of(user: int) -> set[str]:
    seat = Seat.objects.filter(pk=user).first()
    return set(seat.languages) if seat else set()
