"""The state of a session: it ends after 12 hours, is locked when unattended, and needs more than a password."""

import functools
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from amparo.foundation.core.pages import View, is_script, sentence_response

from . import factors
from .models import FirstRun, Session, User, sessions, throttle
from .models.sessions import SessionStore

IDLE = 15 * 60  # seconds until an unattended desk is locked
FIRST_RUN = 60 * 60  # seconds in all for the first run: paper is printed, and a key may have to be fetched
LONGEST = sessions.LONGEST.total_seconds()
RECENT = 5 * 60  # seconds for which a proof of identity allows sensitive actions
NOTED_EVERY = 30  # seconds: a session is not written at every click


class SessionState(Enum):
    EXPIRED = "expired"  # after 12 hours, or idle before it was full
    PARTIAL = "partial"  # signed in by a password or an enrolment code alone, or with fewer than two authenticators
    FIRST_RUN = "first run"  # of the first administrator, who takes its steps and reaches nothing else
    LOCKED = "locked"
    FULL = "full"


def begin_session(request: HttpRequest, user: User) -> None:
    """Start a session after sign-in, and end all other sessions of this person unless they are invented."""
    session, now = request.session, time.time()
    session.update({"began_at": now, "seen_at": now, "proved_at": now})
    session["second"] = factors.has_proved_second_factor(request, user)
    session["invented"] = settings.ENVIRONMENT.demo and user.is_invented
    if FirstRun.objects.begun_by(user):
        session["first_run"] = True
    update_completeness(request, user)
    session.save()
    if not session["invented"]:  # many visitors may try the demonstration as the same person
        end_other_sessions(request, user)
    Session.objects.filter(expire_date__lte=sessions.utc_now()).delete()
    throttle.delete_expired_entries()


def update_completeness(request: HttpRequest, user: User) -> None:
    """Mark the session as fully signed in, or not: its user needs two factors. Called after each new authenticator.

    Within the first run it is not, however many they have.
    """
    is_over, has_second = "first_run" not in request.session, bool(request.session.get("second"))
    request.session["is_full"] = is_over and has_second and factors.has_enough_factors(user)


def record_proof(request: HttpRequest) -> None:
    """Record that the user has just proved who they are, and unlock the desk: the session gets a new key."""
    now = time.time()
    request.session.update({"seen_at": now, "proved_at": now})
    request.session.cycle_key()
    cast(SessionStore, request.session).is_locked = False


def lock_session(request: HttpRequest) -> None:
    """Lock the desk in the database at once: no request that began earlier unlocks it."""
    Session.objects.filter(pk=sessions.digest_of_session_key(request.session.session_key or "")).update(is_locked=True)
    cast(SessionStore, request.session).is_locked = True


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """End all sessions of `user` but this one."""
    current = sessions.digest_of_session_key(request.session.session_key or "")
    Session.objects.filter(user=user).exclude(pk=current).delete()


def session_state_of(session: SessionBase, user: User, now: float) -> SessionState:
    if user.is_machine:
        return SessionState.EXPIRED
    began, seen = session.get("began_at", 0.0), session.get("seen_at", 0.0)
    if session.get("first_run"):
        return SessionState.EXPIRED if now - began > FIRST_RUN else SessionState.FIRST_RUN
    is_full = session.get("is_full") or _is_invented(session, user)
    if now - began > LONGEST or (not is_full and now - seen > IDLE):
        return SessionState.EXPIRED
    if not is_full:
        return SessionState.PARTIAL
    is_locked = cast(SessionStore, session).is_locked
    return SessionState.LOCKED if is_locked or now - seen > IDLE else SessionState.FULL


def allow_session_states[V: Callable[..., Any]](*states: SessionState) -> Callable[[V], V]:
    """Decorate a view that sessions in these states may open too; staff_middleware.py refuses them on other pages."""

    def decorate(view: V) -> V:
        view.open_to = frozenset(states)  # type: ignore[attr-defined]
        return view

    return decorate


def requires_recent_proof(view: View) -> View:
    """Decorate sensitive pages: they need a proof of identity that is no older than five minutes.

    So it is not enough to find a colleague's session open. Without a proof, a person is sent to the page that takes
    one, and a script gets a 403. A session that is not fully signed in needs none: its user is still registering.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.session.get("is_full") or time.time() - request.session.get("proved_at", 0.0) <= RECENT:
            return view(request, *args, **kwargs)
        if is_script(request):
            return sentence_response(request, _("Show again that it is you, then repeat this."), 403)
        next_path = request.path if request.method == "GET" else "/me"
        return redirect(f"/prove?{urlencode({'next': next_path})}")

    return answer


def _is_invented(session: SessionBase, user: User) -> bool:
    """True if an invented person of the demonstration signed in: only they need no second factor."""
    return bool(settings.ENVIRONMENT.demo and user.is_invented and session.get("invented"))
