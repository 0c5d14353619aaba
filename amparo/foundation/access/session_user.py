"""Who asks: the person that was read along with their session, if all still says that it is theirs."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject


class SessionUserMiddleware(AuthenticationMiddleware):
    """Django asks for the session first and for the person afterwards; we have both."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _who(request))  # type: ignore[assignment]


def _who(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Where anything does not agree, Django asks anew, and ends the session if it has to."""
    number = request.session.get(SESSION_KEY)  # the first look reads the session, and the person along with it
    person: AbstractBaseUser | None = getattr(request.session, "person", None)
    if person and person.is_active and str(person.pk) == number and _is_proved(request.session, person):
        return person
    return get_user(request)


def _is_proved(session: SessionBase, person: AbstractBaseUser) -> bool:
    """They signed in by a way that still is one, and with the password that still is theirs."""
    proof = session.get(HASH_SESSION_KEY, "")
    is_known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return is_known and constant_time_compare(proof, person.get_session_auth_hash())
