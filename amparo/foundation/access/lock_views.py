"""An unattended desk: locked, kept awake, and unlocked by the same person."""

import time
from typing import Any, cast

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amparo.foundation.core.pages import View, is_script, sentence_response

from . import factors, permissions, session_state
from .first_pages import path_or_first_page
from .models import User
from .pages import staff
from .session_state import SessionState, allow_session_states


def allow_locked(view: View) -> View:
    """Decorate a view for fully signed-in users; it also works while their desk is locked."""
    return allow_session_states(SessionState.LOCKED)(staff(permissions.is_staff)(view))


@allow_locked
def prove_identity(request: HttpRequest) -> HttpResponse:
    """Prove again who you are: to unlock a desk, or before a sensitive action."""
    user = cast(User, request.user)
    is_locked = _is_locked(request)
    if request.method == "POST":
        if _is_proof_valid(request, user, is_locked):
            session_state.record_proof(request)
            return (
                HttpResponse(status=204)
                if is_script(request)
                else redirect(path_or_first_page(request.GET.get("next", ""), user))
            )
        error = _("That is not right, or too many tries: wait five minutes, then try again.")
        if is_script(request):
            return sentence_response(request, error, 400)
        return render(request, "access/prove.html", _context(user, is_locked) | {"why": error}, status=400)
    return render(request, "access/prove.html", _context(user, is_locked))


@allow_locked
def passkey_proof_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(factors.passkey_request_options(cast(User, request.user)))


@allow_locked
@require_POST
def lock_desk(request: HttpRequest) -> HttpResponse:
    """Lock the desk. The button sends this, and the page itself after 15 minutes without input."""
    session_state.lock_session(request)
    return HttpResponse(status=204) if is_script(request) else redirect("prove")


@staff(permissions.is_staff)
@require_POST
def keep_awake(request: HttpRequest) -> HttpResponse:
    """Keep the desk unlocked: called once a minute while there is input or a call (see staff_middleware.py)."""
    return HttpResponse(status=204)


def _is_locked(request: HttpRequest) -> bool:
    return session_state.session_state_of(request.session, cast(User, request.user), time.time()) is SessionState.LOCKED


def _is_proof_valid(request: HttpRequest, user: User, is_locked: bool) -> bool:
    """True if the sent passkey, code or password is right.

    A password alone unlocks a desk. Before a sensitive action it is enough only for invented people.
    """
    if "password" not in request.POST:
        return factors.verify_proof(user, request.POST, again=True)
    if not (is_locked or user.is_invented) or not factors.may_try_sign_in(request, user.username):
        return False
    return authenticate(request, username=user.username, password=request.POST["password"]) == user


def _context(user: User, is_locked: bool) -> dict[str, Any]:
    return {"is_locked": is_locked, "by_password": user.has_usable_password() and (is_locked or user.is_invented)}
