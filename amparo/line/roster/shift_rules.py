"""Shifts and certificates: what supervisors plan, and whom the queue may ring."""

from copy import copy
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .cover import DAYS, Stretch, local_hour
from .models import (
    ANSWERS,
    REST_AFTER,
    REST_MINUTES,
    Absence,
    Certificate,
    Employer,
    Employment,
    Exceeding,
    Mentor,
    Overtime,
    PublishedWeek,
    Queue,
    RingingRules,
    Shift,
    ShiftKind,
    Wish,
)
from .uncovered import first_uncovered, hours_in_words, lock_shifts, uncovered_hours, who_is_missing
from .working_hours import why_too_long

LONGEST_SHIFT = timedelta(hours=16)
LONGEST_CERTIFICATE = timedelta(days=3 * 365)


@action(permissions.supervise, label=gettext_lazy("planned a shift"))
def plan_shift(
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    *,
    kind: ShiftKind = ShiftKind.LINE,
    exceeding: Exceeding | None = None,
    by: User,
) -> Shift:
    """Plan a shift. `exceeding`: why it may break a limit of hours or rest; stored only if the shift breaks one.

    Raises `Refused` if it is not possible, overlaps another shift of the person, or breaks a limit without a reason.
    """
    if not permissions.take_calls(user):
        raise Refused(_("%(name)s does not take calls: choose an operator or a supervisor.") % {"name": user})
    lock_shifts()
    shift = Shift(user=user, starts_at=starts_at, ends_at=ends_at, kind=kind, planned_by=by)
    reason = _reason_to_exceed(shift, exceeding)
    shift.save(force_insert=True)
    if reason:
        Overtime.objects.create(shift=shift, reason=reason)
    notify("seats")
    return shift


@action(permissions.supervise, label=gettext_lazy("changed the hours of a shift"))
def change_hours(
    shift: Shift, starts_at: datetime, ends_at: datetime, *, exceeding: Exceeding | None = None, by: User, now: datetime
) -> Shift:
    """Move a shift to other hours, and return it. A shift that has begun keeps its start. Twice changes nothing.

    If the hours change, an open offer of the shift to colleagues is withdrawn. Raises `Refused` as `plan_shift` does,
    and if an hour would lose its last certified person in a week that is published or has begun.
    """
    _lock(shift, now)
    if shift.cancelled_at:
        raise Refused(_("This shift was cancelled. Plan a new one."))
    if ends_at <= now or (shift.starts_at <= now and starts_at != shift.starts_at):
        raise Refused(
            _("What is over stays as it was: a shift that has begun keeps its start, and ends later than now.")
        )
    moved = copy(shift)
    moved.starts_at, moved.ends_at = starts_at, ends_at
    reason = _reason_to_exceed(moved, exceeding)
    if gap := first_uncovered(shift, now, instead=moved):
        raise Refused(_refusal_of_gap(gap, shift.user))
    moved.save(update_fields=["starts_at", "ends_at"])
    if (starts_at, ends_at) != (shift.starts_at, shift.ends_at):
        with connection.cursor() as cursor:
            cursor.execute("select roster_withdraw_offer(%s, %s)", [shift.pk, now])
    Overtime.objects.filter(shift=moved).delete()
    if reason:
        Overtime.objects.create(shift=moved, reason=reason)
    notify("seats")
    return moved


@action(permissions.supervise, label=gettext_lazy("cancelled a shift"))
def cancel_shift(shift: Shift, *, by: User, now: datetime) -> None:
    """Cancel a shift. One that has begun ends now. Twice changes nothing.

    Raises `Refused` if an hour would lose its last certified person, in a week that is published or has begun.
    """
    _lock(shift, now)
    if shift.cancelled_at:
        return
    if gap := first_uncovered(shift, now):
        raise Refused(_refusal_of_gap(gap, shift.user))
    _end_or_cancel(shift, now)


@action(permissions.supervise, label=gettext_lazy("recorded that somebody cannot come"))
def record_absence(shift: Shift, *, by: User, now: datetime) -> None:
    """Record that the person cannot come, or cannot stay. It may leave an hour uncovered, and nobody asks why.

    Supervisors see such an hour until a certified person covers it (`uncovered.newly_uncovered`). Raises `Refused` if
    the shift is over.
    """
    _lock(shift, now)
    if shift.cancelled_at is None:
        _end_or_cancel(shift, now)
        Absence.objects.create(shift=shift, recorded_at=now)


@action(permissions.supervise, label=gettext_lazy("published the shifts of a week"))
def publish_week(monday: date, *, by: User, now: datetime) -> None:
    """Publish a week: no change may take the last certified person from an hour of it. Twice changes nothing.

    Raises `Refused` if an hour of it, from now on, has no certified person, or if the week is over.
    """
    if local_hour(monday + timedelta(days=DAYS)) <= now:
        raise Refused(_("This week is over. Choose a later one."))
    lock_shifts()
    if gaps := uncovered_hours(monday, now):
        raise Refused(
            _("On %(hours)s %(nobody)s. Plan somebody for each time in the red list, then publish the week.")
            % {"hours": hours_in_words(gaps[0]), "nobody": who_is_missing()}
        )
    made = PublishedWeek(monday=monday, published_at=now, published_by=by)
    PublishedWeek.objects.bulk_create([made], ignore_conflicts=True)
    notify("seats")


@action(permissions.supervise, label=gettext_lazy("called in somebody on call"))
def call_in(shift: Shift, *, by: User, now: datetime) -> None:
    """Call in somebody who is on call: the shift covers the line, and calls ring for them. Twice changes nothing.

    Raises `Refused` if they are not on call now.
    """
    lock_shifts()
    if Shift.objects.not_cancelled().filter(pk=shift.pk, called_in_at__isnull=False).exists():
        return
    if not Shift.objects.on_call(now).filter(pk=shift.pk).update(called_in_at=now):
        raise Refused(_("This person is not on call now."))
    notify("seats")


@action(permissions.supervise, label=gettext_lazy("wrote whom somebody works for"))
def set_employment(user: User, employer: Employer, skills: list[str], *, by: User) -> Employment:
    """Record who employs somebody of the line, and what they are trained in."""
    made = Employment(user=user, employer=employer, skills=skills)
    columns = ("employer", "skills")
    Employment.objects.bulk_create([made], update_conflicts=True, unique_fields=["user"], update_fields=columns)
    return made


@action(permissions.supervise, label=gettext_lazy("named a mentor for a trainee"))
def name_mentor(trainee: User, mentor: User | None, *, by: User, now: datetime) -> None:
    """Set the mentor of a trainee, in place of an earlier one. None: the trainee has no mentor.

    An earlier mentor and the trainee who listen to each other's call stop listening at once.
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

    Copies the week as it stands: the substitute, not who could not come. A shift that ended early is copied at its
    planned length. Leaves out people who no longer take calls, days on which somebody cannot work, shifts at whose time
    the person has one already, and what exceeds the hours of the law or the rest. Returns the number of new shifts.
    """
    lock_shifts()
    week, made = timedelta(days=DAYS), 0
    start, end = local_hour(monday - week), local_hour(monday)
    standing = Shift.objects.filter(ANSWERS, cancelled_at=None, overtime=None)
    for shift in standing.filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "pk"):
        begins = shift.starts_at + week
        again = Shift(
            user_id=shift.user_id,
            starts_at=begins,
            ends_at=begins + shift.hours_planned,
            kind=shift.kind,
            planned_by=by,
        )
        if not Wish.objects.against(again.user_id, again.starts_at, again.ends_at).exists():
            made += store_shift(again) is not None
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
    """Store and return a copied or suggested shift. None: it overlaps another, or breaks a limit of hours or rest."""
    own = Shift.objects.filter(user=shift.user_id, cancelled_at=None)
    if own.overlapping(shift.starts_at, shift.ends_at).exists():
        return None
    if why_too_long(shift.user_id, shift):
        return None
    shift.save(force_insert=True)
    return shift


def _reason_to_exceed(shift: Shift, exceeding: Exceeding | None) -> Exceeding | None:
    """Return `exceeding` if the shift breaks a limit of hours or rest, else None.

    Raises `Refused` if the shift is not possible, overlaps another one, or breaks a limit without a reason.
    """
    if not timedelta() < shift.ends_at - shift.starts_at <= LONGEST_SHIFT:
        raise Refused(_("A shift lasts at most 16 hours, and ends after its start. Correct the hours."))
    others = Shift.objects.filter(user=shift.user, cancelled_at=None).exclude(pk=shift.pk)
    if others.overlapping(shift.starts_at, shift.ends_at).exists():
        raise Refused(
            _("%(name)s has another shift at that time. Change the hours of that one, or cancel it.")
            % {"name": shift.user}
        )
    too_long = why_too_long(shift.user_id, shift)
    if too_long and not exceeding:
        raise Refused(f"{shift.user}: {too_long} " + _("Choose other hours or somebody else, or give a reason below."))
    return exceeding if too_long else None


def _refusal_of_gap(gap: Stretch, user: User) -> str:
    return _("On %(hours)s %(nobody)s. First plan somebody else for it; if %(name)s cannot come, record that.") % {
        "hours": hours_in_words(gap), "nobody": who_is_missing(), "name": user,
    }  # fmt: skip


def _lock(shift: Shift, now: datetime) -> None:
    """Read the shift again; nobody else changes a shift until this transaction ends. Raises `Refused` if it is over."""
    lock_shifts()
    shift.refresh_from_db(from_queryset=Shift.objects.select_for_update(of=("self",)))
    if shift.ends_at <= now:
        raise Refused(_("This shift is over. It stays as it was."))


def _end_or_cancel(shift: Shift, now: datetime) -> None:
    """End a shift that has begun; cancel one that has not."""
    if shift.starts_at < now:
        shift.ends_at, shift.planned_end = now, shift.planned_end or shift.ends_at
    else:
        shift.cancelled_at = now
    shift.save(update_fields=["ends_at", "planned_end", "cancelled_at"])
    notify("seats")
