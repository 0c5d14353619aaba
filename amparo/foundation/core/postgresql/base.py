"""Django's connection to PostgreSQL, with fewer round trips, and reset before it goes back to the pool.

The pool's own hook would reset each connection in a waiting thread, at fifteen times the cost. Statements that return
no rows go straight to libpq, several at once.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus, TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    _ended_savepoint: str | None = None  # a savepoint that succeeded; the next statement or the commit releases it

    def _close(self) -> None:
        self._ended_savepoint = None  # also in the middle of a transaction: the next one knows none of its savepoints
        if self.connection is not None:
            reset(self.connection)
        super()._close()  # type: ignore[misc]

    def _savepoint(self, sid: str) -> None:
        release, self._ended_savepoint = (
            f"release savepoint {self._ended_savepoint}; " if self._ended_savepoint else "",
            None,
        )
        begin = "begin; " if self.connection.info.transaction_status == TransactionStatus.IDLE else ""
        with self.wrap_database_errors:
            execute_simple(self.connection, f"{begin}{release}savepoint {sid}")

    def _savepoint_commit(self, sid: str) -> None:
        if self.connection.info.transaction_status == TransactionStatus.INTRANS:
            self._ended_savepoint = sid
        else:
            # Code continued after PostgreSQL had refused a statement: the error appears here, and not at a later
            # statement.
            super()._savepoint_commit(sid)  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self._ended_savepoint = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _commit(self) -> None:
        self._ended_savepoint = None
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self._ended_savepoint = None
        super()._rollback()  # type: ignore[misc]


def reset(connection: psycopg.Connection[Any]) -> None:
    """Reset the session for the next user; a connection that cannot be reset is closed, and the pool replaces it."""
    try:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()
        connection.autocommit = True
        execute_simple(connection, "reset role; reset all")
    except psycopg.Error:
        connection.close()


def execute_simple(connection: psycopg.Connection[Any], statements: str) -> None:
    """Run statements without parameters and without result rows.

    Raises PostgreSQL's own error; `OperationalError` if the connection is lost.
    """
    result = connection.pgconn.exec_(statements.encode())
    if result.status != ExecStatus.COMMAND_OK:
        error = psycopg.errors.error_from_result(result)
        raise psycopg.OperationalError(str(error)) if connection.closed else error
