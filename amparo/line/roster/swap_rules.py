"""Swaps: somebody offers a shift, and a colleague who can hold it takes it. Supervisors see each step."""

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


@action(permissions.take_calls, label=gettext_lazy("offered a shift to colleagues"))
def offer_shift(shift: Shift, *, by: User, now: datetime) -> ShiftOffer:
    """Offer one's own shift that has not begun. It stays one's own until somebody takes it. Twice changes nothing."""
    if shift.user_id != by.pk or shift.cancelled_at or shift.starts_at <= now:
        raise Refused(_("Offer a shift of your own that has not begun."))
    if offered := ShiftOffer.objects.open(now).filter(shift=shift).first():
        return offered
    made = ShiftOffer.objects.create(shift=shift, offered_by=by, offered_at=now)
    notify("seats")
    return made


@action(permissions.take_calls, label=gettext_lazy("withdrew the offer of a shift"))
def withdraw_offer(offer: ShiftOffer, *, by: User, now: datetime) -> None:
    """Keep the shift after all. Twice changes nothing; a shift that was taken stays taken."""
    if offer.offered_by_id != by.pk:
        raise Refused(_("Only who offered a shift withdraws the offer."))
    ShiftOffer.objects.filter(pk=offer.pk, taken_at=None, withdrawn_at=None).update(withdrawn_at=now)
    notify("seats")


@action(permissions.take_calls, label=gettext_lazy("took the shift of a colleague"))
def take_shift(offer: ShiftOffer, *, by: User, now: datetime) -> Shift:
    """Work an offered shift. Raises `Refused` where the line would lose a language or a certified person by it."""
    if reason := why_not(offer, by, now):
        raise Refused(reason)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select roster_take_shift(%s, %s)", [offer.pk, now])
            (is_taken,) = cursor.fetchone()
    except IntegrityError as error:
        raise Refused(_("You have another shift at that time.")) from error
    if not is_taken:
        raise Refused(_("This shift is offered no more."))
    notify("seats")
    return Shift.objects.get(pk=offer.shift_id)


def why_not(offer: ShiftOffer, user: User, now: datetime) -> str:
    """Why this person cannot take the shift, in a sentence. Blank: they can."""
    shift = offer.shift
    if Shift.objects.kept().overlapping(shift.starts_at, shift.ends_at).filter(user=user).exists():
        return _("You have another shift at that time.")
    if missing := needed_languages(shift) - _languages_of(user.pk):
        names = dict(settings.LANGUAGES)
        return _("Nobody else on that shift answers in: %(languages)s.") % {
            "languages": ", ".join(sorted(str(names[code]) for code in missing))
        }
    certified = Certificate.objects.valid(Queue.CALLS, now).filter(user=user, expires_at__gte=shift.ends_at)
    if RingingRules.current().by_certificate and not certified.exists():
        return _("Your certificate for calls is missing, or expires before the shift ends.")
    return ""


def needed_languages(shift: Shift) -> set[str]:
    """The languages of its person that nobody else speaks who is planned for all of its time."""
    others = Shift.objects.planned().filter(starts_at__lte=shift.starts_at, ends_at__gte=shift.ends_at)
    spoken = [_languages_of(user) for user in others.exclude(pk=shift.pk).values_list("user", flat=True)]
    return _languages_of(shift.user_id).difference(*spoken)


def _languages_of(user: int) -> set[str]:
    seat = Seat.objects.filter(pk=user).first()
    return set(seat.languages) if seat else set()
