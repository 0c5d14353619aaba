"""Tell PostgreSQL who is acting and why, in a way that only this module can.

One signed setting, local to the transaction, names the user, agency, role and purpose. The policies of every protected
table read it (row_security.py). Injected SQL runs as the current actor and cannot become another one: the signature
needs a key that no role of the application can read, and it is valid for this one database connection.
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
# Stands in place of the agency's kind: not one of our staff, but the holder of a secret (access/bearers.py).
BEARER = "bearer"
LASTS = 2 * 24 * 3600  # seconds; long, because the clocks of two machines may differ by a day
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
        """The two names under which this person holds keys: their own, and their role's in their agency."""
        return user_holder(self.user), role_holder(self.agency, self.role.partition("/")[2])

    @property
    def is_bearer(self) -> bool:
        return self.role.startswith(f"{BEARER}/")

    @property
    def process(self) -> str:
        kind, _, name = self.role.partition("/")
        if self == COMMAND:
            return "worker"
        return name if kind == "system" else "site" if self.is_bearer else "web"


SWITCHBOARD, WORKER, SEALER = (Actor(0, 0, f"system/{name}") for name in ("switchboard", "worker", "sealer"))
COMMAND = Actor(0, 0, "system/command")  # in the ledger: the owner of the machine, by a command


def user_holder(user: int) -> str:
    """Holder name of one person."""
    return f"u{user}"


def role_holder(agency: int, role: str) -> str:
    """Holder name of everybody with this role in this agency."""
    return f"{agency}:{role}"


@contextmanager
def acting_as(actor: Actor, *, asynchronous_commit: bool = False, savepoint: bool = True) -> Iterator[None]:
    """Open a transaction in which the database shows only what this actor may see.

    `asynchronous_commit`: the commit does not wait until the ledger entries are on disk. `savepoint`: inside another
    transaction, set one, so that a failure undoes this part alone. Pass False when no code in between continues after
    a failure: then there is nothing to save.
    """
    before, within = current_actor(), connection.in_atomic_block
    if before is None:
        connection.turn = object()  # type: ignore[attr-defined]
    with transaction.atomic(savepoint=savepoint):
        if actor != before:
            _set_actor(actor, asynchronous_commit and before is None)
        try:
            yield
        finally:
            current, connection.actor = current_actor(), before  # type: ignore[attr-defined]
        if within and current != before:  # otherwise the setting ends with the transaction, at once
            _set_actor(before)


def with_current_purpose(actor: Actor) -> Actor:
    """If this person is the current actor, return the current actor, who may have a purpose; else return `actor`."""
    before = current_actor()
    return before if before and replace(before, purpose="") == actor else actor


def switch_purpose(actor: Actor) -> None:
    """Change the purpose of the current actor until their `acting_as` ends, without a second transaction."""
    before = current_actor()
    assert before is not None
    assert replace(before, purpose=actor.purpose) == actor
    if actor != before:
        _set_actor(actor)


def is_owner() -> bool:
    """True if the owner of the tables runs this, as in a migration: no process of ours, and no actor."""
    return not settings.ENVIRONMENT.process and current_actor() is None


def current_actor() -> Actor | None:
    """Return the actor of the open transaction; None outside a transaction, or if none was set in it."""
    if not connection.in_atomic_block:
        connection.actor = None  # type: ignore[attr-defined]
    return getattr(connection, "actor", None)


def current_transaction() -> tuple[object, int] | None:
    """Return a token of the outermost `acting_as` with the id of its user; None: there is no actor.

    Two calls in the same transaction return equal values.
    """
    actor = current_actor()
    return (connection.turn, actor.user) if actor else None  # type: ignore[attr-defined]


def _set_actor(actor: Actor | None, asynchronous_commit: bool = False) -> None:
    """Set the database role and the signed actor for this transaction. None: no role and no actor.

    The values travel apart from the statement, because pg_stat_activity shows statements to everybody.
    """
    connection.validate_no_broken_transaction()
    link: psycopg.Connection[Any] = connection.connection  # open, in a transaction
    name = f"{connection.settings_dict['NAME']}_{actor.process}" if actor else "none"
    with connection.wrap_database_errors:
        psycopg.Cursor(link).execute(
            "select set_config('role', %s, true), set_config('amparo.acting', %s, true)" + LAZILY * asynchronous_commit,
            [name, _signed(actor, link.info.backend_pid) if actor else ""],
        )
    connection.actor = actor  # type: ignore[attr-defined]


def _signed(actor: Actor, backend: int) -> str:
    until = int(time.time()) + LASTS
    payload = f"{actor.user}:{actor.agency}:{actor.role}:{actor.purpose}:{backend}:{until}"
    return f"{payload}|{hmac.digest(_signing_key(), payload.encode(), 'sha256').hex()}"


@functools.cache
def _signing_key() -> bytes:
    return hashlib.sha256(settings.ENVIRONMENT.secret("acting").encode()).digest()


def store_signing_key(cursor: Any) -> None:
    """Store in the database the key that checks actors' signatures. Only the owner of the tables can read it."""
    key = _signing_key().ljust(BLOCK, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)  # RFC 2104 section 2
    cursor.execute("delete from acting.secret")
    cursor.execute("insert into acting.secret (inner_pad, outer_pad) values (%s, %s)", [inner, outer])
