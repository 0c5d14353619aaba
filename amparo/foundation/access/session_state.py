"""How far a session has come: nobody works here by a password alone, nor at a desk that was left, nor for ever."""

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

from amparo.foundation.core.pages import View, is_script, sentence

from . import factors, sessions, throttle
from .models import User
from .sessions import Session, SessionStore

IDLE = 15 * 60  # seconds until a desk that was left is locked
LONGEST = sessions.LONGEST.total_seconds()
RECENT = 5 * 60  # seconds for which a proof of oneself is good for what is grave
NOTED_EVERY = 30  # seconds: a session is not written at every click


class SessionState(Enum):
    EXPIRED = "over"  # 12 hours, or left before it was whole
    PARTIAL = "half"  # signed in by a password or an enrolment code alone, or with fewer than two authenticators
    LOCKED = "locked"
    FULL = "whole"


def begin(request: HttpRequest, user: User) -> None:
    """Somebody has just signed in: a new session, and for real people the end of every other one of theirs."""
    session, now = request.session, time.time()
    session.update({"began_at": now, "seen_at": now, "proved_at": now})
    session["second"] = factors.was_second(request, user)
    session["invented"] = settings.ENVIRONMENT.demo and user.is_invented
    complete(request, user)
    session.save()
    if not session["invented"]:  # many visitors may try the demonstration as the same person
        end_others(request, user)
    Session.objects.filter(expire_date__lte=sessions.now()).delete()
    throttle.forget_old()


def complete(request: HttpRequest, user: User) -> None:
    """After each authenticator that was registered: is it enough now?"""
    request.session["whole"] = bool(request.session.get("second")) and factors.is_enough(user)


def prove(request: HttpRequest) -> None:
    """They have shown again that it is they: the desk opens, as a new session that nobody has locked."""
    now = time.time()
    request.session.update({"seen_at": now, "proved_at": now})
    request.session.cycle_key()
    cast(SessionStore, request.session).is_locked = False


def lock(request: HttpRequest) -> None:
    """In the database at once: no request that began earlier opens it again."""
    Session.objects.filter(pk=sessions.digest(request.session.session_key or "")).update(is_locked=True)
    cast(SessionStore, request.session).is_locked = True


def end_others(request: HttpRequest, user: User) -> None:
    """All sessions of `user` but this one."""
    mine = sessions.digest(request.session.session_key or "")
    Session.objects.filter(user=user).exclude(pk=mine).delete()


def session_state_of(session: SessionBase, user: User, now: float) -> SessionState:
    if user.is_machine:
        return SessionState.EXPIRED
    began, seen = session.get("began_at", 0.0), session.get("seen_at", 0.0)
    is_whole = session.get("whole") or _is_invented(session, user)
    if now - began > LONGEST or (not is_whole and now - seen > IDLE):
        return SessionState.EXPIRED
    if not is_whole:
        return SessionState.PARTIAL
    is_locked = cast(SessionStore, session).is_locked
    return SessionState.LOCKED if is_locked or now - seen > IDLE else SessionState.FULL


def open_to[V: Callable[..., Any]](*standings: SessionState) -> Callable[[V], V]:
    """Let sessions that are not full use this view; staff_middleware.py refuses them every other."""

    def decorate(view: V) -> V:
        view.open_to = frozenset(standings)  # type: ignore[attr-defined]
        return view

    return decorate


def requires_recent_proof(view: View) -> View:
    """For what is grave: not by somebody who found a desk open. Asks for a proof no older than five minutes."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.session.get("whole") or time.time() - request.session.get("proved_at", 0.0) <= RECENT:
            return view(request, *args, **kwargs)
        if is_script(request):
            return sentence(request, _("Show again that it is you, then repeat this."), 403)
        back = request.path if request.method == "GET" else "/me"
        return redirect(f"/prove?{urlencode({'next': back})}")

    return answer


def _is_invented(session: SessionBase, user: User) -> bool:
    """An invented person needs no second factor, in the demonstration and nowhere else."""
    return bool(settings.ENVIRONMENT.demo and user.is_invented and session.get("invented"))
