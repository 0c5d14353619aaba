"""How a person proves who they are: allauth's passkeys, authenticator app and recovery codes.

The only module that knows allauth's inside, whose names may change between its versions; this room's tests run every
line of it. Passkeys always verify the person (finger, face or PIN), so one passkey is two factors.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from .models.throttle import attempt_key

Kind = Authenticator.Type
ENOUGH = 2  # a passkey or an app, and one more, so that a lost telephone locks nobody out
# Exceptions that a forged credential can cause in a parser.
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError, struct.error)


def authenticators_of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user).order_by("pk"))


def has_enough_factors(user: User, without: int | None = None) -> bool:
    """True if the user has two ways to sign in, not counting the authenticator `without`."""
    return _are_enough(user, [each for each in authenticators_of(user) if each.pk != without])


def without_enough_factors(people: Iterable[User]) -> list[User]:
    """Return those of `people` who have fewer than two ways to sign in."""
    everybody, found = list(people), defaultdict[int, list[Authenticator]](list)
    for each in Authenticator.objects.filter(user__in=everybody):
        found[each.user_id].append(each)
    return [user for user in everybody if not _are_enough(user, found[user.pk])]


def _are_enough(user: User, authenticators: list[Authenticator]) -> bool:
    """True if these are two ways to sign in.

    A passkey is one by itself. With a password, an app is one, and recovery codes that the user has seen are one.
    """
    passkeys = len([each for each in authenticators if each.type == Kind.WEBAUTHN])
    if not user.has_usable_password():
        return passkeys >= ENOUGH
    has_app = any(each.type == Kind.TOTP for each in authenticators)
    has_codes = any(each.type == Kind.RECOVERY_CODES and each.wrap().did_view for each in authenticators)
    return bool(passkeys or has_app) and passkeys + has_app + has_codes >= ENOUGH


def has_proved_second_factor(request: HttpRequest, user: User) -> bool:
    """True if the current sign-in included a second factor or a passkey, and not a password alone."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def pending_sign_in(request: HttpRequest) -> Any | None:
    """Return the sign-in that waits for its second factor, with `login.user`. None: there is none, or it is too old."""
    return LoginStageController.enter(request, AuthenticateStage.key)


def passkey_request_options(user: User | None) -> dict[str, Any]:
    """Return the options with which a browser asks for a passkey of `user`. None: of anybody."""
    return cast(dict[str, Any], webauthn.begin_authentication(user))


def passkey_creation_options(user: User) -> dict[str, Any]:
    """Return the options with which a browser makes a passkey. It is stored on the device: nobody types a name."""
    return cast(dict[str, Any], webauthn.begin_registration(user, True))


def sign_in_by_passkey(request: HttpRequest) -> HttpResponse | None:
    """Return the response to a complete sign-in by passkey.

    None: the passkey is unknown here, or its owner may not sign in.
    """
    form = LoginWebAuthnForm(data=request.POST)
    if not _is_valid(form):
        return None
    authenticator = form.cleaned_data["credential"]
    if not authenticator.user.is_active:
        return None
    clear_login(request)
    login = Login(user=authenticator.user, redirect_url=request.GET.get("next"))
    return cast(HttpResponse, passkeys.perform_passwordless_login(request, authenticator, login))


def verify_proof(user: User, data: Mapping[str, Any], *, again: bool) -> bool:
    """True if the passkey or code in `data` belongs to `user`; `again`: they are signed in already."""
    form: Any
    if "credential" in data:
        form = ReauthenticateWebAuthnForm(user=user, data=data)
        form.reauthenticated = again
    else:
        form = (ReauthenticateForm if again else AuthenticateForm)(user=user, data=data)
    if not _is_valid(form):
        return False
    form.save()
    return True


def add_passkey(request: HttpRequest, user: User) -> bool:
    """Register the passkey in the request; False: it does not answer our challenge."""
    form = AddWebAuthnForm(user=user, data={**request.POST.dict(), "passwordless": "on"})
    if not _is_valid(form):
        return False
    try:
        with transaction.atomic():
            made, _ = passkeys.add_authenticator(request, form.cleaned_data["name"], form.cleaned_data["credential"])
    except DataError:  # JSON can contain what the database cannot, such as \u0000
        return False
    _record_proof(request, user, made)
    return True


def app_form(user: User, data: Mapping[str, Any] | None = None) -> ActivateTOTPForm:
    """Return the form for a new authenticator app. Unbound, it puts a new secret into the (sealed) session."""
    return ActivateTOTPForm(user=user, data=data)


def qr_code(user: User, form: ActivateTOTPForm) -> str:
    """The secret as a QR code: an SVG element for the page, because our pages allow no data: address."""
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
    _record_proof(request, user, made)
    return True


@transaction.atomic
def renew_recovery_codes(user: User) -> None:
    """Make new recovery codes; the old ones, which may be on paper, stop working."""
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)


def count_ways_in(user: User) -> int:
    """Number of passkeys, and the app. Recovery codes are not counted."""
    return len([each for each in authenticators_of(user) if each.type != Kind.RECOVERY_CODES])


def make_recovery_codes(user: User) -> None:
    """Make recovery codes, unless there are some."""
    RecoveryCodes.activate(user)


def unseen_recovery_codes(user: User) -> list[str]:
    """Return all recovery codes, also used ones, as long as they are not marked as seen."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return [] if row is None or row.wrap().did_view else list(row.wrap().generate_codes())


def show_recovery_codes_once(user: User) -> list[str]:
    """Return the recovery codes and mark them as seen; an empty list if they were seen before, or there are none."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    if row is None or (codes := row.wrap()).did_view:
        return []
    codes.mark_as_viewed()
    return list(codes.get_unused_codes())


def recovery_codes_left(user: User) -> int | None:
    """Number of unused codes; None: there are none, or nobody has seen them yet."""
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row and row.wrap().did_view else None


def may_try_sign_in(request: HttpRequest, name: str) -> bool:
    """Count an attempt to sign in with this name and from the request's address. False: there were too many."""
    return bool(ratelimit.consume(request, action="login_failed", key=attempt_key("name", name.strip().lower())))


def _record_proof(request: HttpRequest, user: User, made: Authenticator) -> None:
    """Record that the user has just proved their identity. Registering an authenticator proves it, too."""
    post_authentication(request, made)
    request.session["second"] = True


def _is_valid(form: forms.Form) -> bool:
    try:
        return form.is_valid()
    except UNREADABLE:
        return False
