"""A frequent query whose SQL Django builds once, and which then runs with other values.

Building it costs Django more than PostgreSQL needs to answer it. Use it only for queries that nearly every page sends.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import get_related_populators


class Parameter(models.Expression):
    """A placeholder for a value that is given when the query runs."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class AnyOf(models.Func):
    """A condition that a column is one of some ids, however many are given when the query runs.

    The ids pass through a subselect, so that PostgreSQL does not make a new plan for each length of the list.
    """

    conditional, output_field = True, models.BooleanField()

    def __init__(self, column: str, given: Parameter) -> None:
        super().__init__(models.F(column))
        self.given = given

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        column, given = compiler.compile(self.source_expressions[0])
        return f"{column} = any((select %s::uuid[])::uuid[])", (*given, self.given)


@dataclass(frozen=True)
class CompiledStatement:
    """The SQL that Django built for a query, and how to make model instances of its result."""

    model: Any
    sql: str
    values: tuple[Any, ...]  # `Parameter`, or a constant
    places: slice  # positions of the model's own columns
    names: list[str]  # of these columns
    converters: list[tuple[int, Any]]  # by position, for the columns that need any
    populators: list[Any]  # for `select_related`
    annotated: dict[str, int]  # name -> position

    def row(self, found: list[Any]) -> Any:
        """Make one instance, as Django's own ModelIterable does."""
        for place, (converters, column) in self.converters:
            for convert in converters:
                found[place] = convert(found[place], column, connection)
        row = self.model.from_db(DEFAULT_DB_ALIAS, self.names, found[self.places])
        for populator in self.populators:
            populator.populate(found, row)
        for name, place in self.annotated.items():
            setattr(row, name, found[place])
        return row


class CompiledQuery[M: models.Model]:
    """A queryset with `Parameter`s in its conditions. If it locks rows, run it in a transaction."""

    def __init__(self, rows: Callable[[], models.QuerySet[M]]) -> None:
        self._rows = rows  # called once, when all models are loaded

    def first(self, **given: Any) -> M | None:
        """The first row for these values; None: there is none."""
        return next(iter(self.all(**given)), None)

    def all(self, **given: Any) -> list[M]:
        """All rows for these values, with related and annotated ones."""
        compiled = self._statement
        values = [given[value.name] if isinstance(value, Parameter) else value for value in compiled.values]
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, values)
            return [compiled.row(list(found)) for found in cursor.fetchall()]

    @functools.cached_property
    def _statement(self) -> CompiledStatement:
        rows = self._rows()
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, values = compiler.as_sql()
        select, info = compiler.select, compiler.klass_info
        own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        return CompiledStatement(
            rows.model, sql, tuple(values), own, [column.target.attname for column, _sql, _alias in select[own]],
            list(compiler.get_converters([column for column, _sql, _alias in select]).items()),
            get_related_populators(info, select, DEFAULT_DB_ALIAS, rows._fetch_mode),  # type: ignore[attr-defined]
            compiler.annotation_col_map or {},
        )  # fmt: skip
