"""Actions of the first run: a link for the first administrator, and the four steps behind it.

Only its session reaches the steps, and it reaches nothing else (session_state.py). The pages are those of
screens/administration, since one step names the line.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import COMMAND, acting_as
from amparo.foundation.core.refusal import Refused

from . import factors, permissions, session_state
from .action import action
from .models import HOTLINE, THE_RUN, Agency, EnrolmentCode, FirstRun, Role, Session, Step, User

READ_BACK = (3, 8)  # which codes of the sheet are typed, to show that it was printed

label_verb("make_first_link", gettext_lazy("made a new link for the first administrator; an earlier one ended"))


def make_link(username: str, name: str, now: datetime) -> str:
    """Make the link of the first administrator, and return its token. Whoever owns the machine calls this.

    An earlier link ends. So does all that its owner has registered: who has the new link begins anew. Raises `Refused`
    once an administrator has two ways in.
    """
    with transaction.atomic():
        run = FirstRun.objects.select_for_update().filter(pk=THE_RUN).first() or FirstRun(pk=THE_RUN)
        if run.finished_at:
            raise Refused(_("The first administrator has entered. Others are invited on a page."))
        refuse_if_somebody_is_in(but=run.user_id or 0)  # perhaps somebody else found the link, and was quick
        run.user = _first_administrator(run, username, name)
        _forget_ways_in(run.user)
        token = run.renew_link(now)
        with acting_as(COMMAND):
            append("make_first_link", f"user {run.user.pk}")
    return token


def somebody_is_in(*, but: int = 0) -> bool:
    """True if an administrator of the hotline has two ways in. `but`: the id of one who does not count."""
    administrators = User.objects.filter(agency=HOTLINE, role=Role.ADMINISTRATOR, is_active=True).exclude(pk=but)
    return len(factors.without_enough_factors(administrators)) < len(administrators)


def refuse_if_somebody_is_in(*, but: int = 0) -> None:
    """Raise `Refused` if an administrator has two ways in: the link is for the first one alone."""
    if somebody_is_in(but=but):
        raise Refused(_("An administrator has two ways in already: who comes now is invited on a page."))


def open_link(request: HttpRequest, run: FirstRun, *, username: str, name: str, password: str, now: datetime) -> None:
    """Take the first step by the link, and sign in its owner, who reaches the other steps alone.

    Raises `Refused` after too many attempts, or if the link has ended meanwhile.
    """
    if not factors.may_try_sign_in(request, "first run"):
        raise Refused(_("Too many tries. Wait five minutes, then try again."))
    user = use_link(run, username, name, password, by=run.user, now=now)
    login(request, user)
    session_state.begin_session(request, user)


@action(permissions.keep_installation, label=gettext_lazy("entered by the link of the first administrator"))
def use_link(run: FirstRun, username: str, name: str, password: str, *, by: User, now: datetime) -> User:
    """First step: name the first administrator, and set the password. It uses the link up."""
    refuse_if_somebody_is_in()
    unused = FirstRun.objects.unfinished().filter(user=by, digest=run.digest, opened_at=None, expires_at__gt=now)
    if not unused.update(opened_at=now, step=Step.LINE):
        raise Refused(_("This link was used, or is too old."))
    person = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    person.username, person.first_name = User.normalize_username(username), name
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(update_fields=["username", "first_name", "password"])
    except IntegrityError:  # somebody else took the name at this moment
        raise Refused(_("Somebody signs in with this name already.")) from None
    return person


@action(permissions.keep_installation, label=gettext_lazy("first run: named the line"))
def pass_line(run: FirstRun, *, by: User) -> None:
    """Second step: the line has its name, which line_settings/rules.py has stored."""
    _go_on(run, Step.LINE, by)


@action(permissions.keep_installation, label=gettext_lazy("first run: registered the ways in"))
def pass_ways(run: FirstRun, *, with_sheet: bool, by: User) -> None:
    """Third step: two ways in are registered. `with_sheet`: one, and the codes of the sheet are the second."""
    found = factors.count_ways_in(by)
    if not found or (found < factors.ENOUGH and not with_sheet):
        raise Refused(_("One way in is missing."))
    factors.make_recovery_codes(by)
    _go_on(run, Step.WAYS, by)


@action(permissions.keep_installation, label=gettext_lazy("first run: read the printed sheet back, and finished"))
def finish_first_run(run: FirstRun, typed: tuple[str, ...], *, by: User, now: datetime) -> None:
    """Fourth step: the codes READ_BACK of the sheet are typed. It ends the first run."""
    run = locked(run, by)
    codes = factors.unseen_recovery_codes(by)
    if run.step != Step.SHEET or not codes:
        raise Refused(_("Print the sheet first."))
    if any(given.strip() != codes[number - 1] for given, number in zip(typed, READ_BACK, strict=True)):
        raise Refused(_("These are not the codes of the sheet. Look at their numbers, and read them again."))
    factors.show_recovery_codes_once(by)
    if not factors.has_enough_factors(by):
        raise Refused(_("One way in is missing."))
    run.finished_at = now
    run.save(update_fields=["finished_at"])


def leave_first_run(request: HttpRequest, user: User) -> None:
    """Let the session that finished the first run go on as any other; it gets a new key."""
    request.session.pop("first_run", None)
    session_state.update_completeness(request, user)
    session_state.record_proof(request)


def _go_on(run: FirstRun, taken: Step, by: User) -> None:
    """Let the step after `taken` be the next; a step that is taken once more leads back nowhere."""
    run = locked(run, by)
    if run.step < taken:
        raise Refused(_("A step before this one is missing."))
    if run.step == taken:
        run.step = taken + 1
        run.save(update_fields=["step"])


def locked(run: FirstRun, by: User) -> FirstRun:
    """Lock the run until the commit, so that a new link waits for what is registered now and ends it.

    Raises `Refused` if the run is over, or waits behind a new link.
    """
    found = FirstRun.objects.select_for_update().filter(pk=run.pk, user=by, opened_at__isnull=False, finished_at=None)
    if not (locked := found.first()):
        raise Refused(_("The first run is over."))
    return locked


def _first_administrator(run: FirstRun, username: str, name: str) -> User:
    """Return the person of this run, or else the administrator with this user name. Creates one if there is none."""
    username = User.normalize_username(username)
    if run.user_id:
        if username and username.lower() != run.user.username.lower():
            raise Refused(_("The link is for %(name)s: leave the name away.") % {"name": run.user.username})
        return run.user
    if not username:
        raise Refused(_("Say the name with which the first administrator signs in."))
    person = User.objects.filter(username__iexact=username).first()
    if person is None:
        person = User(username=username, first_name=name or username, role=Role.ADMINISTRATOR)
        person.agency = Agency.objects.get(pk=HOTLINE)
    if not permissions.keep_installation(person) or person.is_invented:
        raise Refused(_("Somebody signs in with this name already."))
    return person


def _forget_ways_in(person: User) -> None:
    """Delete the password, authenticators, codes and sessions of this person, and save them."""
    person.set_unusable_password()
    person.save()
    Authenticator.objects.filter(user=person).delete()
    Session.objects.filter(user=person).delete()
    EnrolmentCode.objects.filter(user=person, used_at=None).delete()
