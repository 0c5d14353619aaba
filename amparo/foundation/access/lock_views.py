"""A desk that was left: locked, kept awake, and opened again by the same person."""

import time
from typing import Any, cast

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amparo.foundation.core.pages import View, is_script, sentence

from . import factors, permissions, session_state
from .adapters import where_to
from .models import User
from .pages import staff
from .session_state import SessionState, open_to


def at_a_desk(view: View) -> View:
    """For who signed in wholly; also while the desk is locked."""
    return open_to(SessionState.LOCKED)(staff(permissions.is_staff)(view))


@at_a_desk
def prove(request: HttpRequest) -> HttpResponse:
    """Show again that it is you: to open a locked desk, or before something grave."""
    user = cast(User, request.user)
    is_locked = _is_locked(request)
    if request.method == "POST":
        if _is_shown(request, user, is_locked):
            session_state.prove(request)
            return (
                HttpResponse(status=204)
                if is_script(request)
                else redirect(where_to(request.GET.get("next", ""), user))
            )
        why = _("That is not right, or too many tries: wait five minutes, then try again.")
        if is_script(request):
            return sentence(request, why, 400)
        return render(request, "access/prove.html", _shown(user, is_locked) | {"why": why}, status=400)
    return render(request, "access/prove.html", _shown(user, is_locked))


@at_a_desk
def prove_passkey(request: HttpRequest) -> HttpResponse:
    return JsonResponse(factors.options(cast(User, request.user)))


@at_a_desk
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """By its button, or by the page itself after 15 minutes without a hand."""
    session_state.lock(request)
    return HttpResponse(status=204) if is_script(request) else redirect("prove")


@staff(permissions.is_staff)
@require_POST
def awake(request: HttpRequest) -> HttpResponse:
    """Called once a minute while a hand is there or a call goes on; staff_middleware.py notes the time."""
    return HttpResponse(status=204)


def _is_locked(request: HttpRequest) -> bool:
    return session_state.session_state_of(request.session, cast(User, request.user), time.time()) is SessionState.LOCKED


def _is_shown(request: HttpRequest, user: User, is_locked: bool) -> bool:
    """A password alone opens a desk that a whole sign-in left; it is not enough for something grave."""
    if "password" not in request.POST:
        return factors.shows(user, request.POST, again=True)
    if not (is_locked or user.is_invented) or not factors.may_try(request, user.username):
        return False
    return authenticate(request, username=user.username, password=request.POST["password"]) == user


def _shown(user: User, is_locked: bool) -> dict[str, Any]:
    return {"is_locked": is_locked, "by_password": user.has_usable_password() and (is_locked or user.is_invented)}
