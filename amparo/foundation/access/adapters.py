"""Our answers to allauth's hooks: no sign-up, no e-mail, no stored network address, and secrets sealed in the vault."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.pseudonyms import network_of

from . import session_state
from .first_pages import path_or_first_page
from .models import User, UserDataKey
from .models.throttle import attempt_key


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Return False: `requires_recent_proof` (session_state.py) has checked this before allauth is reached."""
        return False

    def send_mail(self, *words: Any, **more: Any) -> None:
        """Do nothing: no information about staff leaves by e-mail."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return a keyed digest of the client's address: attempts can be counted, and the database holds no address."""
        address = request.META.get("REMOTE_ADDR", "")
        return attempt_key("address", network_of(address) or address)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own key begins with the Host header, which the attacker writes: five more attempts for every name of
        # ours.
        return attempt_key("name", str(credentials.get("username", "")).strip().lower())

    def post_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse:
        session_state.begin_session(request, user)
        return redirect(path_or_first_page(login.get("redirect_url") or "", user))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        """Seal the secret of an authenticator that the signed-in user registers, under that user's own key."""
        user: User = context.request.user
        with acting_as(user.acting()):
            own = UserDataKey.of(user)
            return f"{user.pk}:{base64.b64encode(own.key.box.seal(text.encode(), _seal_context(user))).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """Open an authenticator's secret as its owner: nobody else holds the key."""
        pk, _, sealed = encrypted_text.partition(":")
        user = User.objects.select_related("agency").get(pk=pk)
        with acting_as(user.acting()):
            return UserDataKey.of(user).key.box.open(base64.b64decode(sealed), _seal_context(user)).decode()

    def get_totp_issuer(self) -> str:
        return "Amparo"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the name under which passkeys know us: the staff's host name, which the administrator set and no
        request can change.
        """
        return {"id": settings.ENVIRONMENT.staff_host or context.request.get_host().rsplit(":", 1)[0], "name": "Amparo"}


def _seal_context(user: User) -> str:
    return f"mfa_authenticator|data|{user.pk}"
