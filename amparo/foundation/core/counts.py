"""Counts of several querysets in one statement."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

NO_ROW = "select where false"


def count_each(*found: QuerySet[Any], at_most: int) -> list[int]:
    """Return how many rows each queryset has, in one statement; rows beyond `at_most` are not counted.

    A queryset that has a limit of its own keeps that one.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for rows in found:
        sql, values = _sql_of(rows, at_most)
        parts.append(f"(select count(*) from ({sql}) as found)")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", parameters)
        return list(cursor.fetchone())


def _sql_of(rows: QuerySet[Any], at_most: int) -> tuple[str, tuple[Any, ...]]:
    limited = rows if rows.query.is_sliced else rows.order_by()[:at_most]
    try:
        return limited.values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django knows without the database that there is none
        return NO_ROW, ()
