"""My own sign-in: passkeys, authenticator app, recovery codes, password, sessions."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.core.pages import View
from amparo.foundation.core.refusal import Refused

from . import factors, permissions, session_state, sessions
from .adapters import first_page
from .forms import PasswordForm
from .models import User
from .pages import staff
from .session_state import SessionState, open_to, requires_recent_proof
from .sessions import Session


def own(view: View) -> View:
    """For the person themselves; somebody who has yet to register an authenticator may come here and nowhere else."""
    return open_to(SessionState.PARTIAL)(staff(permissions.is_staff)(view))


@staff(permissions.is_staff)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where every way back leads: the page where this person's work begins."""
    return redirect(first_page(_me(request)))


@own
def me(request: HttpRequest) -> HttpResponse:
    return render(request, "access/me.html", _shown(request))


@own
@requires_recent_proof
def passkey_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(factors.new_options(_me(request)))


@own
@require_POST
@requires_recent_proof
def add_passkey(request: HttpRequest) -> HttpResponse:
    if not factors.add_passkey(request, _me(request)):
        why = _("This passkey could not be registered. Load the page again and try once more.")
        return render(request, "access/me.html", _shown(request) | {"why": why}, status=400)
    return _after_one_more(request)


@own
@requires_recent_proof
def app(request: HttpRequest) -> HttpResponse:
    """A new authenticator app: its picture to be scanned, and its first code to be typed."""
    user, why = _me(request), ""
    if not user.has_usable_password():
        return redirect("password")  # a code of the app is a second factor; it wants a first one
    if request.method == "POST":
        if factors.add_app(request, user, factors.new_app(user, request.POST)):
            return _after_one_more(request)
        why = _("That is not the code that the app shows now. Here is a new picture: scan it again.")
    form = factors.new_app(user)
    # The picture is drawn by a library from our own text; nothing of it was typed by anybody.
    shown = {"picture": mark_safe(factors.picture_of(user, form)), "secret": form.secret, "why": why}
    return render(request, "access/app.html", shown, status=400 if why else 200)


@own
@requires_recent_proof
def codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes, shown once. POST makes new ones."""
    user = _me(request)
    if request.method == "POST":
        if not any(each.type != factors.Kind.RECOVERY_CODES for each in factors.held_by(user)):
            raise Refused(_("First register a passkey or an authenticator app."))
        factors.new_codes(user)
    if not (shown := factors.codes_shown_once(user)):
        return redirect("me")
    session_state.complete(request, user)
    return render(request, "access/codes.html", {"codes": shown})


@own
@requires_recent_proof
def password(request: HttpRequest) -> HttpResponse:
    user = _me(request)
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        session_state.end_others(request, user)
        session_state.complete(request, user)
        return redirect("me" if factors.held_by(user) else "app")
    return render(request, "access/password.html", {"form": form}, status=400 if form.errors else 200)


@own
@require_POST
@requires_recent_proof
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    user = _me(request)
    authenticator = get_object_or_404(Authenticator, user=user, pk=pk)
    if not factors.is_enough(user, without=pk):
        raise Refused(_("Register another one first: you need two ways to show that it is you."))
    authenticator.delete()
    return redirect("me")


@own
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    session_state.end_others(request, _me(request))
    return redirect("me")


def _after_one_more(request: HttpRequest) -> HttpResponse:
    """A new authenticator is a new privilege, so a new key of the session; then the codes, if nobody has seen them."""
    session_state.complete(request, _me(request))
    request.session.cycle_key()
    return redirect("me" if factors.codes_left(_me(request)) is not None else "codes")


def _shown(request: HttpRequest) -> dict[str, Any]:
    user = _me(request)
    held = factors.held_by(user)
    return {
        "room": "me",
        "passkeys": [each for each in held if each.type == factors.Kind.WEBAUTHN],
        "app": next((each for each in held if each.type == factors.Kind.TOTP), None),
        "codes_left": factors.codes_left(user),
        "is_enough": factors.is_enough(user),
        "sessions": Session.objects.alive(timezone.now()).filter(user=user).order_by("-seen_at"),
        "this_session": sessions.digest(request.session.session_key or ""),
    }


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
