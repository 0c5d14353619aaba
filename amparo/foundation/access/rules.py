"""Actions on people who work here: add, lock, and recover them when they lost every way to sign in."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from . import factors, permissions, session_state
from .action import action
from .models import Agency, EnrolmentCode, Kind, Recovery, Role, Session, TourEnd, User
from .models.authenticators import RecoveryHalf, digest_of_code

RECOVERY_LASTS = timedelta(days=7)  # until it is confirmed


@action(permissions.manage_people, label=gettext_lazy("added somebody"))
def add_person(username: str, name: str, role: Role, *, by: User, now: datetime) -> str:
    """Add a person to the agency of `by`. Returns the code for their first sign-in, which is never shown again.

    Raises `Refused` for a role that opens nothing in an agency of this kind.
    """
    _refuse_other_role(role, by.agency)
    return enrol(username, name, role, by.agency, now)


def enrol(username: str, name: str, role: Role, agency: Agency, now: datetime) -> str:
    """Add a person without checking a permission, as for the first administrator; returns the enrolment code."""
    name_taken, username = Refused(_("Somebody signs in with this name already.")), User.normalize_username(username)
    if User.objects.filter(username__iexact=username).exists():
        raise name_taken
    person = User(username=username, first_name=name, role=role, agency=agency)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # somebody else took the name at this moment
        raise name_taken from None
    return EnrolmentCode.make(person, now)


@action(permissions.manage_people, label=gettext_lazy("made a new code"))
def renew_code(person: User, *, by: User, now: datetime) -> str:
    """Return a new enrolment code for a person who has not registered an authenticator yet.

    Raises `Refused` otherwise: a registered person needs a recovery by two administrators.
    """
    _refuse_other_agency(person, by)
    if not person.is_active or person.has_usable_password() or factors.authenticators_of(person):
        raise Refused(_("They have registered already. Ask for a recovery instead."))
    return EnrolmentCode.make(person, now)


@action(permissions.manage_people, label=gettext_lazy("locked somebody out"))
def lock_person(person: User, *, by: User) -> None:
    """Lock a person: they can no longer sign in, and their sessions end at once."""
    _refuse_other_agency(person, by)
    if person == by:
        raise Refused(_("You cannot lock yourself. Ask another administrator."))
    _set_active(person, False)


@action(permissions.manage_people, label=gettext_lazy("unlocked somebody"))
def unlock_person(person: User, *, by: User) -> None:
    _refuse_other_agency(person, by)
    _set_active(person, True)


@action(permissions.manage_people, label=gettext_lazy("changed somebody's role"))
def change_role(person: User, role: Role, *, by: User) -> User:
    """Give a person another role. Their sessions end, because every page and every key depends on the role."""
    _refuse_other_agency(person, by)
    if person == by:
        raise Refused(_("You cannot change your own role. Ask another administrator."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_machine or role == Role.SERVICE_LIAISON:
        raise Refused(_("This role is for programs alone."))
    if person.role != role:
        _refuse_other_role(role, by.agency)
        person.role = role
        person.save(update_fields=["role"])
        Session.objects.filter(user=person).delete()
        notify("people")
    return person


@action(permissions.manage_people, label=gettext_lazy("asked for a recovery"))
def request_recovery(person: User, *, by: User, now: datetime) -> str:
    """Request a recovery of `person`; returns the first half of their code. Nothing happens until another agency
    confirms it.

    A person's own agency must request it: otherwise two other agencies could take over the account. The only
    administrator of an agency has the hotline's; the hotline's own has whoever runs the machine (`amparo staff add`).
    """
    if person == by:
        raise Refused(_("Somebody else must ask for you."))
    has_colleague = person.agency_id != by.agency_id and _administrators_beside(person).exists()
    if has_colleague or not permissions.may_request_recovery(by, person):
        _refuse_other_agency(person, by)
    if not person.is_active:
        raise Refused(_("They are locked. Unlock them first."))
    half = RecoveryHalf()
    try:
        with transaction.atomic():
            Recovery.objects.create(
                person=person, requested_by=by, requested_agency=by.agency, requested_at=now, first_half=half.digest
            )
    except IntegrityError as error:
        raise Refused(_("A recovery of this person waits already for its confirmation.")) from error
    return half.signs


@action(permissions.manage_people, label=gettext_lazy("confirmed a recovery"))
def confirm_recovery(recovery: Recovery, *, by: User, now: datetime) -> str:
    """Delete every authenticator, password and session of the person; returns the second half of their code."""
    recovery = Recovery.objects.select_for_update().get(pk=recovery.pk)
    if recovery.confirmed_at is not None:
        raise Refused(_("This recovery was confirmed already."))
    if recovery.requested_agency_id == by.agency_id:
        raise Refused(_("An administrator of another agency must confirm this."))
    person = User.objects.select_for_update(of=("self",)).get(pk=recovery.person_id)
    if person == by:
        raise Refused(_("Somebody else must confirm this."))
    is_old = recovery.requested_at < now - RECOVERY_LASTS
    if is_old or not permissions.may_request_recovery(recovery.requested_by, person):
        raise Refused(
            _("This request is too old, or the administrator who asked may not ask any more. Stop it, and ask again.")
        )
    recovery.confirmed_by, recovery.confirmed_agency, recovery.confirmed_at = by, by.agency, now
    recovery.save(update_fields=["confirmed_by", "confirmed_agency", "confirmed_at"])
    Authenticator.objects.filter(user=person).delete()
    Session.objects.filter(user=person).delete()
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return EnrolmentCode.make(person, now, first=RecoveryHalf(known_digest=recovery.first_half))


@action(permissions.manage_people, label=gettext_lazy("stopped a recovery"))
def withdraw_recovery(recovery: Recovery, *, by: User) -> None:
    """Withdraw a mistaken or dishonest request; any administrator may, until it is confirmed."""
    Recovery.objects.filter(pk=recovery.pk, confirmed_at=None).delete()


def sign_in_by_code(request: HttpRequest, username: str, code: str, *, now: datetime) -> None:
    """Sign in the owner of this enrolment code, once. They reach only the page where they register authenticators.

    Raises `Refused` for a wrong code or name, or after too many attempts.
    """
    wrong = _("That name and code do not go together, or the code is too old. Ask an administrator for a new one.")
    if not factors.may_try_sign_in(request, username):
        raise Refused(_("Too many tries. Wait five minutes, then try again."))
    with transaction.atomic():
        found = EnrolmentCode.objects.good(now).select_for_update().filter(digest=digest_of_code(code)).first()
        if found is None or found.user.username != username.strip() or not found.user.is_active:
            raise Refused(wrong)
        found.used_at = now
        found.save(update_fields=["used_at"])
    login(request, found.user)
    session_state.begin_session(request, found.user)


def _set_active(person: User, active: bool) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])
    Session.objects.filter(user=person).delete()
    notify("people")


@action(permissions.is_staff, label=gettext_lazy("left the tour of the first day"))
def leave_tour(*, by: User, now: datetime) -> None:
    """Never show the tour to this person again."""
    TourEnd.objects.get_or_create(user=by, defaults={"at": now})


def _administrators_beside(person: User) -> QuerySet[User]:
    """The other administrators of the person's agency who are not locked."""
    found = User.objects.filter(agency=person.agency_id, role=Role.ADMINISTRATOR, is_active=True)
    return found.exclude(pk=person.pk)


def _refuse_other_role(role: Role, agency: Agency) -> None:
    if role not in permissions.roles_of(Kind(agency.kind)):
        raise Refused(str(permissions.OTHER_ROLE))


def _refuse_other_agency(person: User, by: User) -> None:
    if person.agency_id != by.agency_id:
        raise Refused(_("They work in another agency. Its administrator does this."))
