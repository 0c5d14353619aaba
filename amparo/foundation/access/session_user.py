"""Find the user of a request: one query reads the session and its user. An outdated sign-in does not count."""

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
    """Set `request.user` from the session's query, which reads the user too. Django would send a second query."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Return the session's user, if they are active and their sign-in is still valid. Otherwise return what Django's
    `get_user` returns, which may also end the session.
    """
    user_id = request.session.get(SESSION_KEY)  # the first access reads the session, and the user with it
    person: AbstractBaseUser | None = getattr(request.session, "person", None)
    if person and person.is_active and str(person.pk) == user_id and _is_proved(request.session, person):
        return person
    return get_user(request)


def _is_proved(session: SessionBase, person: AbstractBaseUser) -> bool:
    """True if the backend of the sign-in still exists, and the password has not changed since the sign-in."""
    proof = session.get(HASH_SESSION_KEY, "")
    is_known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return is_known and constant_time_compare(proof, person.get_session_auth_hash())
