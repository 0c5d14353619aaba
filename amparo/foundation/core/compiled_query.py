"""A question that pages ask all the time: Django puts its SQL together once, and other values are given each time.

To put it together costs Django more than PostgreSQL needs to answer it. Only what is asked all the time is asked so.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import get_related_populators


class Parameter(models.Expression):
    """In the place of a value that is given when the question is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class AnyOf(models.Func):
    """A column is one of some ids, however many are given when the question is asked.

    They are given by a `select`, lest PostgreSQL count them: it would make a plan for each list, and throw it away.
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
    """What Django made of a question, and how it makes rows of the answer."""

    model: Any
    sql: str
    values: tuple[Any, ...]  # `Parameter`, or what is always the same
    places: slice  # of the row's own columns
    names: list[str]  # of these
    converters: list[tuple[int, Any]]  # by place, for the columns that need any
    populators: list[Any]  # of what is selected along
    annotated: dict[str, int]  # by name, the place

    def row(self, found: list[Any]) -> Any:
        """As Django's own ModelIterable makes it."""
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
    """Some rows in whose conditions stand `Parameter`s. Asked in a transaction where it holds what it finds."""

    def __init__(self, rows: Callable[[], models.QuerySet[M]]) -> None:
        self._rows = rows  # asked for once, when all models are there

    def first(self, **given: Any) -> M | None:
        """A row for which these values hold; None: there is none."""
        return next(iter(self.all(**given)), None)

    def all(self, **given: Any) -> list[M]:
        """Every such row, with what was selected along and annotated."""
        made = self._statement
        values = [given[value.name] if isinstance(value, Parameter) else value for value in made.values]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, values)
            return [made.row(list(found)) for found in cursor.fetchall()]

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
