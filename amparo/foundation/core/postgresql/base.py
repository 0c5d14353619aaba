"""Django's connection to PostgreSQL, with less said on the way, and cleaned before it goes back to the pool.

The pool's own hook would hand each connection to a thread that waits for that, at fifteen times the price of the
cleaning. What only has to be done, and brings nothing back, is said to libpq at once.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus, TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    ended: str | None = None  # a savepoint behind which all went well: released with the next one, or by the commit

    def _close(self) -> None:
        self.ended = None  # in the middle of a transaction too: the next one knows no savepoint of it
        if self.connection is not None:
            clean(self.connection)
        super()._close()  # type: ignore[misc]

    def _savepoint(self, sid: str) -> None:
        release, self.ended = f"release savepoint {self.ended}; " if self.ended else "", None
        begin = "begin; " if self.connection.info.transaction_status == TransactionStatus.IDLE else ""
        with self.wrap_database_errors:
            say(self.connection, f"{begin}{release}savepoint {sid}")

    def _savepoint_commit(self, sid: str) -> None:
        if self.connection.info.transaction_status == TransactionStatus.INTRANS:
            self.ended = sid
        else:  # somebody went on where PostgreSQL had refused something: it says so here, and not at a later statement
            super()._savepoint_commit(sid)  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self.ended = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _commit(self) -> None:
        self.ended = None
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self.ended = None
        super()._rollback()  # type: ignore[misc]


def clean(link: psycopg.Connection[Any]) -> None:
    """Nothing that somebody set stays behind for the next; what cannot be cleaned is closed, and replaced."""
    try:
        if link.info.transaction_status != TransactionStatus.IDLE:
            link.rollback()
        link.autocommit = True
        say(link, "reset role; reset all")
    except psycopg.Error:
        link.close()


def say(link: psycopg.Connection[Any], statements: str) -> None:
    """What has no values and no answer. Raises what PostgreSQL refuses it with; `OperationalError`: it is away."""
    result = link.pgconn.exec_(statements.encode())
    if result.status != ExecStatus.COMMAND_OK:
        refusal = psycopg.errors.error_from_result(result)
        raise psycopg.OperationalError(str(refusal)) if link.closed else refusal
