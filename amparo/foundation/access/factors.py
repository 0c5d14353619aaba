"""How somebody shows who they are: allauth's passkeys, authenticator app and recovery codes.

The only module that knows allauth's inside, whose names may change between its versions; the tests of this room meet
every line of it. Passkeys always verify the person (finger, face or PIN), so one passkey is two factors.
"""

import struct
from collections.abc import Mapping
from typing import Any, cast

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as passkeys
from django import forms
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse

from .models import User
from .throttle import keyed

Kind = Authenticator.Type
ENOUGH = 2  # a passkey or an app, and one more, so that a lost telephone locks nobody out
# What a made-up credential does to a parser.
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError, struct.error)


def held_by(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user).order_by("pk"))


def is_enough(user: User, without: int | None = None) -> bool:
    """Two ways in: a passkey is one by itself; an app, and recovery codes that were seen, are ones after a password."""
    ways = [each for each in held_by(user) if each.pk != without]
    passkeys = len([each for each in ways if each.type == Kind.WEBAUTHN])
    if not user.has_usable_password():
        return passkeys >= ENOUGH
    has_app = any(each.type == Kind.TOTP for each in ways)
    has_codes = any(each.type == Kind.RECOVERY_CODES and each.wrap().did_view for each in ways)
    return bool(passkeys or has_app) and passkeys + has_app + has_codes >= ENOUGH


def was_second(request: HttpRequest, user: User) -> bool:
    """Whether this sign-in showed more than a password."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def awaited(request: HttpRequest) -> Any | None:
    """The sign-in that waits for its second factor, with `login.user`; None: none waits, or too long ago."""
    return LoginStageController.enter(request, AuthenticateStage.key)


def options(user: User | None) -> dict[str, Any]:
    """What a browser needs to ask for a passkey: of `user`, or of whoever holds one."""
    return cast(dict[str, Any], webauthn.begin_authentication(user))


def new_options(user: User) -> dict[str, Any]:
    """What a browser needs to make a passkey; it must be kept on the device, so that no name need be typed."""
    return cast(dict[str, Any], webauthn.begin_registration(user, True))


def sign_in_by_passkey(request: HttpRequest) -> HttpResponse | None:
    """The answer of the whole sign-in; None: this passkey is unknown here, or its person may not sign in."""
    form = LoginWebAuthnForm(data=request.POST)
    if not _is_valid(form):
        return None
    authenticator = form.cleaned_data["credential"]
    if not authenticator.user.is_active:
        return None
    clear_login(request)
    login = Login(user=authenticator.user, redirect_url=request.GET.get("next"))
    return cast(HttpResponse, passkeys.perform_passwordless_login(request, authenticator, login))


def shows(user: User, words: Mapping[str, Any], *, again: bool) -> bool:
    """Whether a passkey or a code in `words` is of `user`; `again`: they are signed in already."""
    form: Any
    if "credential" in words:
        form = ReauthenticateWebAuthnForm(user=user, data=words)
        form.reauthenticated = again
    else:
        form = (ReauthenticateForm if again else AuthenticateForm)(user=user, data=words)
    if not _is_valid(form):
        return False
    form.save()
    return True


def add_passkey(request: HttpRequest, user: User) -> bool:
    """Register the passkey in the request; False: it does not answer what was asked."""
    form = AddWebAuthnForm(user=user, data={**request.POST.dict(), "passwordless": "on"})
    if not _is_valid(form):
        return False
    try:
        with transaction.atomic():
            made, _ = passkeys.add_authenticator(request, form.cleaned_data["name"], form.cleaned_data["credential"])
    except DataError:  # JSON may say what the database's own cannot hold, such as \u0000
        return False
    _has_shown(request, user, made)
    return True


def new_app(user: User, words: Mapping[str, Any] | None = None) -> ActivateTOTPForm:
    """The form of a new authenticator app; unbound, it makes a new secret in the (sealed) session."""
    return ActivateTOTPForm(user=user, data=words)


def picture_of(user: User, form: ActivateTOTPForm) -> str:
    """The secret as a QR code: an SVG element to stand in the page, for our pages allow no data: address."""
    import qrcode
    from qrcode.image.svg import SvgPathImage

    address = get_adapter().build_totp_url(user, form.secret)
    return str(qrcode.make(address, image_factory=SvgPathImage).to_string(encoding="unicode"))


@transaction.atomic
def add_app(request: HttpRequest, user: User, form: ActivateTOTPForm) -> bool:
    if not _is_valid(form):
        return False
    Authenticator.objects.filter(user=user, type=Kind.TOTP).delete()
    made = TOTP.activate(user, form.secret).instance
    auto_generate_recovery_codes(request)
    clear_totp_secret(request)
    _has_shown(request, user, made)
    return True


@transaction.atomic
def new_codes(user: User) -> None:
    """Recovery codes anew; those on paper are worth nothing from now on."""
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)


def codes_shown_once(user: User) -> list[str]:
    """The recovery codes, the first time that they are looked at; afterwards, and without any, none."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    if row is None or (codes := row.wrap()).did_view:
        return []
    codes.mark_as_viewed()
    return list(codes.get_unused_codes())


def codes_left(user: User) -> int | None:
    """None: there are no recovery codes, or nobody has seen them yet."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row and row.wrap().did_view else None


def may_try(request: HttpRequest, name: str) -> bool:
    """Counts one try for this name and from this address, by the rule of the sign-in."""
    return bool(ratelimit.consume(request, action="login_failed", key=keyed("name", name.strip().lower())))


def _has_shown(request: HttpRequest, user: User, made: Authenticator) -> None:
    """Who registers an authenticator has just shown that they hold it."""
    post_authentication(request, made)
    request.session["second"] = True


def _is_valid(form: forms.Form) -> bool:
    try:
        return form.is_valid()
    except UNREADABLE:
        return False
