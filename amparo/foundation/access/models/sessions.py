"""Sessions of staff. Beside Django's columns a row has its user, its start, and whether the desk is locked.

The database has only a digest of a session's key, and the session data is encrypted. So a stolen database gives no
access. This matters most during enrolment: the session then contains the secret of an authenticator app.
"""

import base64
import hashlib
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models

from amparo.foundation.core import row_security
from amparo.foundation.core.derived_keys import derive_key
from amparo.foundation.vault.keys import Box, Tampered

from .people import Agency, User

LONGEST = timedelta(hours=12)  # the longest shift; a session ends then in any case
SAVED_SEPARATELY = ("session_key", "is_locked")  # columns that saving the session data does not change
DIGEST = 40  # characters of the key's digest: 160 bits


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self, now: datetime) -> Self:
        return self.filter(expire_date__gt=now, began_at__gt=now - LONGEST)


class Session(AbstractBaseSession):
    """The session of one browser. Without a user: somebody has begun to sign in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # True while the desk is locked. A column of its own, not session data: see `save`.
    is_locked = models.BooleanField(default=False, db_default=False)

    objects = SessionQuerySet.as_manager()  # type: ignore[misc, assignment]
    protected = row_security.OpenTable("digests and sealed words", web="select, insert, update, delete")

    class Meta(AbstractBaseSession.Meta):
        indexes = [models.Index(fields=["user"], name="sessions_of_a_person")]

    def __str__(self) -> str:
        return "a session"

    def save(self, **options: Any) -> None:
        """Save all but SAVED_SEPARATELY: a request that began before the desk was locked must not unlock it."""
        if options.get("force_update"):
            options["update_fields"] = [
                field.name for field in self._meta.concrete_fields if field.name not in SAVED_SEPARATELY
            ]
        super().save(**options)

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(db.SessionStore):
    """Django's session store in the database, on our table and with encrypted data."""

    person: AbstractBaseUser | None = None  # read together with the session; None: not read yet, or no user
    is_locked = False  # likewise

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.session_key = digest_of_session_key(row.session_key)
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        now = time.time()
        row.began_at = datetime.fromtimestamp(data.get("began_at", now), UTC)
        row.seen_at = datetime.fromtimestamp(data.get("seen_at", now), UTC)
        return row

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [digest_of_session_key(self.session_key or ""), utc_now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        session_data, self.is_locked, *columns = row
        self.person = _user_of(columns)
        return self.decode(session_data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=digest_of_session_key(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        Session.objects.filter(session_key=digest_of_session_key(session_key or self.session_key or "")).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        return base64.b64encode(_session_box().seal(self.serializer().dumps(session_dict), self._place)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        try:
            data: dict[str, Any] = self.serializer().loads(
                _session_box().open(base64.b64decode(session_data), self._place)
            )
        except (Tampered, ValueError):
            return {}
        return data

    @property
    def _place(self) -> str:
        return f"access_session|session_data|{digest_of_session_key(self.session_key or '')}"

    async def aload(self) -> dict[str, Any]:
        return await sync_to_async(self.load)()

    async def aexists(self, session_key: str) -> bool:
        return await sync_to_async(self.exists)(session_key)

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)


def is_session_alive(session_key: str, now: datetime) -> bool:
    """True if somebody is still signed in with this key."""
    return (
        Session.objects.alive(now).filter(session_key=digest_of_session_key(session_key), user__is_active=True).exists()
    )


def session_began_at(session_key: str) -> datetime | None:
    """When somebody signed in with this key. None: there is no such session."""
    found = Session.objects.filter(session_key=digest_of_session_key(session_key))
    return found.values_list("began_at", flat=True).first()


def digest_of_session_key(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:DIGEST]


def utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def _statement() -> str:
    """Return the SQL that reads a live session with its user and agency, by the digest of its key and the time.

    Every page needs it first. Django would take half a millisecond to build it, longer than PostgreSQL to answer it.
    """
    of_user = [f"user__{name}" for name in _columns(User)] + [f"user__agency__{name}" for name in _columns(Agency)]
    live = Session.objects.filter(session_key="").filter(expire_date__gt=utc_now())  # two: the order of the parameters
    sql, _parameters = live.values_list("session_data", "is_locked", *of_user).query.sql_with_params()
    return sql


def _user_of(columns: list[Any]) -> User | None:
    """Return the user, with the agency, of these columns of `_statement`; None if nobody has signed in yet."""
    names, names_of_agency = _columns(User), _columns(Agency)
    if columns[names.index("id")] is None:
        return None
    user = User.from_db(connection.alias, names, columns[: len(names)])
    user.agency = Agency.from_db(connection.alias, names_of_agency, columns[len(names) :])
    return user


@cache
def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _session_box() -> Box:
    secret = settings.ENVIRONMENT.secret("django").encode()
    return Box(derive_key(secret, "sessions"))
