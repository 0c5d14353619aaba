"""Who is acting, and why: told to PostgreSQL in a way that nothing but this module can say it.

One signed setting, local to the transaction, names user, agency, role and purpose. The policies of every protected
table ask it (row_security.py). SQL that somebody injects runs as whoever was acting and cannot become anybody else: the
signature is made with a key that no role of the application can read, and holds for this one database connection.
"""

import functools
import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

PROCESSES = ("web", "worker", "switchboard", "sealer", "site")  # each has its own role in the database
BEARER = "bearer"  # instead of an agency's kind: nobody of ours, but who holds a secret (access/bearers.py)
LASTS = 2 * 24 * 3600  # seconds; long, for the clocks of two machines may be a day apart
LAZILY = ", set_config('synchronous_commit', 'off', true)"
BLOCK = 64  # bytes, of SHA-256 (RFC 2104)


@dataclass(frozen=True)
class Actor:
    user: int
    agency: int
    role: str  # with the kind of its agency: "hotline/operator"
    purpose: str = ""  # a code word; blank: the everyday work of the role

    @property
    def holders(self) -> tuple[str, str]:
        """Under which names this person holds keys: their own, and their role's in their agency."""
        return user_holder(self.user), role_holder(self.agency, self.role.partition("/")[2])

    @property
    def is_bearer(self) -> bool:
        return self.role.startswith(f"{BEARER}/")

    @property
    def process(self) -> str:
        kind, _, name = self.role.partition("/")
        return name if kind == "system" else "site" if self.is_bearer else "web"


SWITCHBOARD, WORKER, SEALER = (Actor(0, 0, f"system/{name}") for name in ("switchboard", "worker", "sealer"))


def user_holder(user: int) -> str:
    """The holder's name of this very person."""
    return f"u{user}"


def role_holder(agency: int, role: str) -> str:
    """The holder's name of everybody with this role in this agency."""
    return f"{agency}:{role}"


@contextmanager
def acting_as(acting: Actor, *, only_reads: bool = False, apart: bool = True) -> Iterator[None]:
    """A transaction in which the database shows what this person may see, and no more.

    Where it `only_reads`, its ledger entries need not reach the disk before the answer leaves. Within another it is
    undone `apart`, by a savepoint; where nobody in between goes on after a failure, there is nothing to save.
    """
    before, within = current_actor(), connection.in_atomic_block
    if before is None:
        connection.turn = object()  # type: ignore[attr-defined]
    with transaction.atomic(savepoint=apart):
        if acting != before:
            _set_actor(acting, only_reads and before is None)
        try:
            yield
        finally:
            told, connection.acting = current_actor(), before  # type: ignore[attr-defined]
        if within and told != before:  # else what was told ends with the transaction, at once
            _set_actor(before)


def with_current_purpose(acting: Actor) -> Actor:
    """The same person, for the purpose that they act for already, if they do."""
    before = current_actor()
    return before if before and replace(before, purpose="") == acting else acting


def switch_purpose(acting: Actor) -> None:
    """The same person goes on for another purpose until their `acting_as` ends: it is said once."""
    before = current_actor()
    assert before is not None
    assert replace(before, purpose=acting.purpose) == acting
    if acting != before:
        _set_actor(acting)


def require_durable_commit() -> None:
    """Something was done after all: the commit waits for the disk again."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('synchronous_commit', 'on', true)")


def is_owner() -> bool:
    """Nobody acts, and this is no process of ours: it owns the tables, and prepares them in nobody's name."""
    return not settings.ENVIRONMENT.process and current_actor() is None


def current_actor() -> Actor | None:
    """Who was told last in the transaction that is open; it ends with it."""
    if not connection.in_atomic_block:
        connection.acting = None  # type: ignore[attr-defined]
    return getattr(connection, "acting", None)


def current_transaction() -> tuple[object, int] | None:
    """Which transaction this is, and whose; None: nobody acts."""
    acting = current_actor()
    return (connection.turn, acting.user) if acting else None  # type: ignore[attr-defined]


def _set_actor(acting: Actor | None, only_reads: bool = False) -> None:
    """Beside the words of the statement, for pg_stat_activity shows those to all."""
    connection.validate_no_broken_transaction()
    link: psycopg.Connection[Any] = connection.connection  # open, in a transaction
    name = f"{connection.settings_dict['NAME']}_{acting.process}" if acting else "none"
    with connection.wrap_database_errors:
        psycopg.Cursor(link).execute(
            "select set_config('role', %s, true), set_config('amparo.acting', %s, true)" + LAZILY * only_reads,
            [name, _signed(acting, link.info.backend_pid) if acting else ""],
        )
    connection.acting = acting  # type: ignore[attr-defined]


def _signed(acting: Actor, backend: int) -> str:
    until = int(time.time()) + LASTS
    payload = f"{acting.user}:{acting.agency}:{acting.role}:{acting.purpose}:{backend}:{until}"
    return f"{payload}|{hmac.digest(_secret(), payload.encode(), 'sha256').hex()}"


@functools.cache
def _secret() -> bytes:
    return hashlib.sha256(settings.ENVIRONMENT.secret("acting").encode()).digest()


def share_secret(cursor: Any) -> None:
    """Give the database the key that it checks the signature with; only the tables' owner may read it there."""
    key = _secret().ljust(BLOCK, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)  # RFC 2104 section 2
    cursor.execute("delete from acting.secret")
    cursor.execute("insert into acting.secret (inner_pad, outer_pad) values (%s, %s)", [inner, outer])
