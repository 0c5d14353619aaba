"""Conditions of SQL: who is acting holds the key of a row; and their copy of it, to come along with the row."""

from typing import Any

from django.db import models

from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.compiled_query import Parameter

HOLD_ALL = ("hotline/supervisor",)  # whoever makes a record of the line gives its key to them as well


class HasKey(models.Func):
    """Who is acting holds the key of this row now.

    In SQL and not by a queryset, for every page asks it: PostgreSQL hears the same, and Python builds nothing.
    """

    conditional, output_field = True, models.BooleanField()

    def __init__(self, *holders: str | Parameter, each: bool = False) -> None:
        super().__init__(models.F("key"))
        self.holders, self.each = holders, row_security.EACH * each

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.holders:
            return "false", ()
        key, told = compiler.compile(self.source_expressions[0])
        held = f"""exists (select from vault_grant held where held.key_id = {key}
            and held.holder in ({", ".join(["%s"] * len(self.holders))}) and held.expires_at > statement_timestamp()
            {self.each})"""
        return held, (*told, *self.holders)


class OwnGrant(models.Func):
    """The copy of this row's key that who acts holds, to come along with the row (`DataKey.came_with`)."""

    output_field = models.TextField()

    def __init__(self, *holders: str | Parameter) -> None:
        super().__init__(models.F("key"))
        self.holders = holders

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        key, told = compiler.compile(self.source_expressions[0])
        places = ", ".join(["%s"] * len(self.holders))
        copy = f"""(select copy.wrapping_key || ' ' || encode(copy.wrapped, 'hex') from vault_grant copy
            where copy.key_id = {key} and copy.holder in ({places}) and copy.expires_at > statement_timestamp()
            limit 1)"""
        return copy, (*told, *self.holders)


def has_key(acting: Actor | None, *, each: bool = False) -> HasKey:
    """The condition of a row with a `key`: who is acting holds it now.

    `each`: asked of one row after the other, for a list that an index orders. It is always so for who holds all there
    is: else PostgreSQL, which plans once for everybody, would begin with all their copies, as it may for the others.
    """
    holds_all = acting is not None and acting.role in HOLD_ALL
    return HasKey(*(acting.holders if acting else ()), each=each or holds_all)
