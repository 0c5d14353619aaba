"""Shifts and certificates: what supervisors plan, and whom the queue may ring."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .cover import DAYS, local
from .models import (
    ANSWERS,
    REST_AFTER,
    REST_MINUTES,
    Certificate,
    Employer,
    Employment,
    Mentor,
    Queue,
    RingingRules,
    Shift,
    ShiftKind,
    Skill,
    Wish,
)

LONGEST_SHIFT = timedelta(hours=16)
LONGEST_CERTIFICATE = timedelta(days=3 * 365)


@action(permissions.supervise, label=gettext_lazy("planned a shift"))
def plan_shift(
    user: User, starts_at: datetime, ends_at: datetime, *, kind: ShiftKind = ShiftKind.LINE, by: User
) -> Shift:
    """Plan a shift. Raises `Refused` if it is not possible, or overlaps another shift of the same person."""
    if not permissions.take_calls(user):
        raise Refused(_("%(name)s does not take calls: choose an operator or a supervisor.") % {"name": user})
    if not timedelta() < ends_at - starts_at <= LONGEST_SHIFT:
        raise Refused(_("A shift lasts at most 16 hours, and ends after its start. Correct the hours."))
    shift = store_shift(Shift(user=user, starts_at=starts_at, ends_at=ends_at, kind=kind, planned_by=by))
    if shift is None:
        raise Refused(_("%(name)s has another shift at that time. Cancel that one first.") % {"name": user})
    notify("seats")
    return shift


@action(permissions.supervise, label=gettext_lazy("cancelled a shift"))
def cancel_shift(shift: Shift, *, by: User, now: datetime) -> None:
    """Cancel a shift, for instance because of sickness. One that has begun ends now. Twice changes nothing."""
    if shift.ends_at <= now:
        raise Refused(_("This shift is over. It stays as it was."))
    if shift.starts_at < now:
        shift.ends_at, shift.planned_end = now, shift.planned_end or shift.ends_at
    else:
        shift.cancelled_at = shift.cancelled_at or now
    shift.save(update_fields=["ends_at", "planned_end", "cancelled_at"])
    notify("seats")


@action(permissions.supervise, label=gettext_lazy("called in somebody on call"))
def call_in(shift: Shift, *, by: User, now: datetime) -> None:
    """From now on the shift covers the line, and calls ring for its person. Twice changes nothing."""
    if Shift.objects.kept().filter(pk=shift.pk, called_in_at__isnull=False).exists():
        return
    if not Shift.objects.on_call(now).filter(pk=shift.pk).exists():
        raise Refused(_("This person is not on call now."))
    Shift.objects.filter(pk=shift.pk).update(called_in_at=now)
    notify("seats")


@action(permissions.supervise, label=gettext_lazy("wrote whom somebody works for"))
def set_employment(user: User, employer: Employer, skills: list[Skill], *, by: User) -> Employment:
    """Say who employs somebody of the line, and what they are trained in."""
    made = Employment(user=user, employer=employer, skills=skills)
    columns = ("employer", "skills")
    Employment.objects.bulk_create([made], update_conflicts=True, unique_fields=["user"], update_fields=columns)
    return made


@action(permissions.supervise, label=gettext_lazy("named a mentor for a trainee"))
def name_mentor(trainee: User, mentor: User | None, *, by: User, now: datetime) -> None:
    """Set the mentor of a trainee, in place of an earlier one. None: the trainee has no mentor.

    Whoever listens to a call of the other because of an earlier one stops at once.
    """
    notify("seats")
    if mentor is None:
        Mentor.objects.filter(pk=trainee.pk).delete()
        return
    if mentor == trainee:
        raise Refused(_("Nobody is their own mentor. Choose somebody else."))
    is_certified = Certificate.objects.valid(Queue.CALLS, now).filter(user=mentor).exists()
    if RingingRules.current().by_certificate and not is_certified:
        raise Refused(_("%(name)s has no valid certificate for calls. Choose somebody else.") % {"name": mentor})
    made = Mentor(trainee=trainee, mentor=mentor)
    Mentor.objects.bulk_create([made], update_conflicts=True, unique_fields=["trainee"], update_fields=["mentor"])


@action(permissions.supervise, label=gettext_lazy("copied the shifts of a week"))
def copy_week(monday: date, *, by: User) -> int:
    """Plan the shifts of the week before also for the week of `monday`.

    Leaves out people who no longer take calls, days on which somebody cannot work, and shifts at whose time the person
    has one already. Returns the number of new shifts.
    """
    week, made = timedelta(days=DAYS), 0
    start, end = local(monday - week), local(monday)
    for shift in Shift.objects.kept().filter(ANSWERS, starts_at__gte=start, starts_at__lt=end):
        begins = shift.starts_at + week
        copy = Shift(
            user_id=shift.user_id,
            starts_at=begins,
            ends_at=begins + shift.hours_planned,
            kind=shift.kind,
            planned_by=by,
        )
        if not Wish.objects.against(copy.user_id, copy.starts_at, copy.ends_at).exists():
            made += store_shift(copy) is not None
    notify("seats")
    return made


@action(permissions.supervise, label=gettext_lazy("issued a certificate"))
def issue_certificate(user: User, queue: Queue, expires_at: datetime, *, by: User, now: datetime) -> Certificate:
    """Permit `user` to answer this queue until `expires_at`. Nobody certifies themselves."""
    if not permissions.take_calls(user):
        raise Refused(_("%(name)s does not take calls: choose an operator or a supervisor.") % {"name": user})
    if user == by:
        raise Refused(_("Nobody certifies themselves. Ask another supervisor."))
    if not now < expires_at <= now + LONGEST_CERTIFICATE:
        raise Refused(_("A certificate expires in the future, and within three years. Correct the day."))
    made = Certificate.objects.create(user=user, queue=queue, issued_at=now, expires_at=expires_at, issued_by=by)
    notify("seats")
    return made


@action(permissions.supervise, label=gettext_lazy("revoked a certificate"))
def revoke_certificate(certificate: Certificate, *, by: User, now: datetime) -> None:
    """End a certificate now. Twice changes nothing."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(revoked_at=now)
    notify("seats")


@action(permissions.supervise, label=gettext_lazy("changed for whom the queue rings"))
def set_ringing_rules(*, by_shift: bool, by_certificate: bool, by: User) -> RingingRules:
    """Choose whether the queue rings only for people on a planned shift, and only for certified people."""
    rules = RingingRules(pk=1, by_shift=by_shift, by_certificate=by_certificate)
    columns = ("by_shift", "by_certificate")
    RingingRules.objects.bulk_create([rules], update_conflicts=True, unique_fields=["pk"], update_fields=columns)
    notify("seats")
    return rules


@action(permissions.supervise, label=gettext_lazy("changed the rest after hard contacts"))
def set_rest_rules(*, rests: bool, rest_after: int, rest_minutes: int, by: User) -> RingingRules:
    """Choose whether operators rest after hard contacts, after how many of a shift, and for how long."""
    if not (REST_AFTER[0] <= rest_after <= REST_AFTER[1] and REST_MINUTES[0] <= rest_minutes <= REST_MINUTES[1]):
        raise Refused(_("Choose 1 to 9 hard contacts, and 1 to 120 minutes."))
    rules = RingingRules(pk=1, rests=rests, rest_after=rest_after, rest_minutes=rest_minutes)
    columns = ("rests", "rest_after", "rest_minutes")
    RingingRules.objects.bulk_create([rules], update_conflicts=True, unique_fields=["pk"], update_fields=columns)
    notify("seats")
    return rules


def store_shift(shift: Shift) -> Shift | None:
    """Store a shift, typed by a supervisor or suggested. Returns None if the person has another one at that time."""
    try:
        with transaction.atomic():
            shift.save(force_insert=True)
    except IntegrityError:
        return None
    return shift
