"""My own sign-in: passkeys, authenticator app, recovery codes, password, sessions."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amparo.foundation.core.pages import View
from amparo.foundation.core.refusal import Refused

from . import factors, permissions, session_state
from .first_pages import first_page
from .forms import PasswordForm
from .models import Session, User, sessions
from .pages import staff
from .session_state import SessionState, allow_session_states, requires_recent_proof


def own_page(view: View) -> View:
    """Decorate a page about the user's own sign-in.

    A user without authenticators may open these pages and no others.
    """
    return allow_session_states(SessionState.PARTIAL)(staff(permissions.is_staff)(view))


@own_page
def my_sign_in(request: HttpRequest) -> HttpResponse:
    return render(request, "access/me.html", _context(request))


@own_page
@requires_recent_proof
def passkey_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(factors.passkey_creation_options(_user(request)))


@own_page
@require_POST
@requires_recent_proof
def add_passkey(request: HttpRequest) -> HttpResponse:
    if not factors.add_passkey(request, _user(request)):
        why = _("This passkey could not be registered. Load the page again and try once more.")
        return render(request, "access/me.html", _context(request) | {"why": why}, status=400)
    return _after_registration(request)


@own_page
@requires_recent_proof
def authenticator_app(request: HttpRequest) -> HttpResponse:
    """Add an authenticator app: show its QR code, and check its first code."""
    user, why = _user(request), ""
    if not user.has_usable_password():
        return redirect("password")  # the app is a second factor and needs a password as the first
    if request.method == "POST":
        if factors.add_app(request, user, factors.app_form(user, request.POST)):
            return _after_registration(request)
        why = _("That is not the code that the app shows now. Here is a new picture: scan it again.")
    form = factors.app_form(user)
    # The picture is drawn by a library from our own text; nobody typed any of it.
    context = {"picture": mark_safe(factors.qr_code(user, form)), "secret": form.secret, "why": why}
    return render(request, "access/app.html", context, status=400 if why else 200)


@own_page
@requires_recent_proof
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes, shown once. POST makes new ones."""
    user = _user(request)
    if request.method == "POST":
        if not any(each.type != factors.Kind.RECOVERY_CODES for each in factors.authenticators_of(user)):
            raise Refused(_("First register a passkey or an authenticator app."))
        factors.renew_recovery_codes(user)
    if not (shown := factors.show_recovery_codes_once(user)):
        return redirect("me")
    session_state.update_completeness(request, user)
    return render(request, "access/codes.html", {"codes": shown})


@own_page
@requires_recent_proof
def change_password(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    had_one, form = user.has_usable_password(), PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        session_state.end_other_sessions(request, user)
        session_state.update_completeness(request, user)
        if not factors.authenticators_of(user):
            return redirect("app")
        return redirect("me") if had_one else redirect(first_page(user))  # the first time, nothing more is asked
    return render(request, "access/password.html", {"form": form}, status=400 if form.errors else 200)


@own_page
@require_POST
@requires_recent_proof
def remove_authenticator(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    authenticator = get_object_or_404(Authenticator, user=user, pk=pk)
    if not factors.has_enough_factors(user, without=pk):
        raise Refused(_("Register another one first: you need two ways to show that it is you."))
    authenticator.delete()
    return redirect("me")


@own_page
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    session_state.end_other_sessions(request, _user(request))
    return redirect("me")


def _after_registration(request: HttpRequest) -> HttpResponse:
    """Give the session a new key, because a new authenticator is a new privilege. Then show the recovery codes, if they
    have not been shown yet.
    """
    session_state.update_completeness(request, _user(request))
    request.session.cycle_key()
    return redirect("me" if factors.recovery_codes_left(_user(request)) is not None else "codes")


def _context(request: HttpRequest) -> dict[str, Any]:
    user = _user(request)
    authenticators = factors.authenticators_of(user)
    return {
        "room": "me",
        "passkeys": [each for each in authenticators if each.type == factors.Kind.WEBAUTHN],
        "app": next((each for each in authenticators if each.type == factors.Kind.TOTP), None),
        "codes_left": factors.recovery_codes_left(user),
        "is_enough": factors.has_enough_factors(user),
        "sessions": Session.objects.alive(timezone.now()).filter(user=user).order_by("-seen_at"),
        "this_session": sessions.digest_of_session_key(request.session.session_key or ""),
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
