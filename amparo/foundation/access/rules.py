"""Verbs of people who work here: added, locked, and let in again when they lost every way to show who they are."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from . import factors, permissions, session_state
from .action import action
from .authenticators import EnrolmentCode, Recovery, RecoveryHalf, digest
from .models import Agency, Role, User
from .sessions import Session


@action(permissions.administer)
def add_person(username: str, name: str, role: Role, *, by: User, now: datetime) -> str:
    """Somebody new in the agency of `by`; the code that lets them in the first time, which nobody can see again."""
    return enrol(username, name, role, by.agency, now)


def enrol(username: str, name: str, role: Role, agency: Agency, now: datetime) -> str:
    """The same without anybody who allows it: the first administrator, from the command line of the machine."""
    taken, username = Refused(_("Somebody signs in with this name already.")), User.normalize_username(username)
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    person = User(username=username, first_name=name, role=role, agency=agency)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # in this very moment
        raise taken from None
    return EnrolmentCode.make(person, now)


@action(permissions.administer)
def renew_code(person: User, *, by: User, now: datetime) -> str:
    """A new code for somebody who has not yet registered; who has, needs a recovery by two."""
    _refuse_other_agency(person, by)
    if not person.is_active or person.has_usable_password() or factors.held_by(person):
        raise Refused(_("They have registered already. Ask for a recovery instead."))
    return EnrolmentCode.make(person, now)


@action(permissions.administer)
def lock_person(person: User, *, by: User) -> None:
    """They sign in no more, and are out at once."""
    _refuse_other_agency(person, by)
    if person == by:
        raise Refused(_("You cannot lock yourself. Ask another administrator."))
    _be_active(person, False)


@action(permissions.administer)
def unlock_person(person: User, *, by: User) -> None:
    _refuse_other_agency(person, by)
    _be_active(person, True)


@action(permissions.administer)
def ask_recovery(person: User, *, by: User, now: datetime) -> str:
    """Ask that `person` may begin again; the first half of their code. Another agency confirms, or nothing happens.

    Their own agency asks, for two others would else become one of its people; but its administrator may be alone.
    """
    if person == by:
        raise Refused(_("Somebody else must ask for you."))
    if person.role != Role.ADMINISTRATOR:
        _refuse_other_agency(person, by)
    if not person.is_active:
        raise Refused(_("They are locked. Unlock them first."))
    half = RecoveryHalf()
    try:
        with transaction.atomic():
            Recovery.objects.create(
                person=person, asked_by=by, asked_agency=by.agency, asked_at=now, first_half=half.digest
            )
    except IntegrityError as error:
        raise Refused(_("A recovery of this person waits already for its confirmation.")) from error
    return half.signs


@action(permissions.administer)
def confirm_recovery(recovery: Recovery, *, by: User, now: datetime) -> str:
    """Every authenticator, password and session of the person is gone; the second half of their code."""
    recovery = Recovery.objects.select_for_update().get(pk=recovery.pk)
    if recovery.confirmed_at is not None:
        raise Refused(_("This recovery was confirmed already."))
    if recovery.asked_agency_id == by.agency_id:
        raise Refused(_("An administrator of another agency must confirm this."))
    person = User.objects.select_for_update(of=("self",)).get(pk=recovery.person_id)
    if person == by:
        raise Refused(_("Somebody else must confirm this."))
    recovery.confirmed_by, recovery.confirmed_agency, recovery.confirmed_at = by, by.agency, now
    recovery.save(update_fields=["confirmed_by", "confirmed_agency", "confirmed_at"])
    Authenticator.objects.filter(user=person).delete()
    Session.objects.filter(user=person).delete()
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return EnrolmentCode.make(person, now, first=RecoveryHalf(known_digest=recovery.first_half))


@action(permissions.administer)
def withdraw_recovery(recovery: Recovery, *, by: User) -> None:
    """It was asked in error, or in bad faith; any administrator may stop it until it is confirmed."""
    Recovery.objects.filter(pk=recovery.pk, confirmed_at=None).delete()


def enter_by_code(request: HttpRequest, username: str, code: str, *, now: datetime) -> None:
    """Let the person of this code in, once, as far as the page where they register."""
    wrong = _("That name and code do not go together, or the code is too old. Ask an administrator for a new one.")
    if not factors.may_try(request, username):
        raise Refused(_("Too many tries. Wait five minutes, then try again."))
    with transaction.atomic():
        found = EnrolmentCode.objects.good(now).select_for_update().filter(digest=digest(code)).first()
        if found is None or found.user.username != username.strip() or not found.user.is_active:
            raise Refused(wrong)
        found.used_at = now
        found.save(update_fields=["used_at"])
    login(request, found.user)
    session_state.begin(request, found.user)


def _be_active(person: User, active: bool) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])
    Session.objects.filter(user=person).delete()


def _refuse_other_agency(person: User, by: User) -> None:
    if person.agency_id != by.agency_id:
        raise Refused(_("They work in another agency. Its administrator does this."))
