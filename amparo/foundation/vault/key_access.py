"""The SQL condition that the actor holds the key of a row."""

from typing import Any

from django.db import models

from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor

HOLD_ALL = ("hotline/supervisor",)  # roles that get the key of every record of the hotline


class HasKey(models.Func):
    """Condition: the actor holds the key of this row now.

    It is SQL and not a queryset, because every page uses it: PostgreSQL gets the same statement, and Python builds
    nothing.
    """

    conditional, output_field = True, models.BooleanField()

    def __init__(self, *holders: str, each: bool = False) -> None:
        super().__init__(models.F("key"))
        self.holders, self.each = holders, row_security.EACH * each

    def as_sql(self, compiler: Any, connection: Any, *_more: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.holders:
            return "false", ()
        key, parameters = compiler.compile(self.source_expressions[0])
        condition = f"""exists (select from vault_grant own where own.key_id = {key}
            and own.holder in ({", ".join(["%s"] * len(self.holders))}) and own.expires_at > statement_timestamp()
            {self.each})"""
        return condition, (*parameters, *self.holders)


def has_key(acting: Actor | None, *, each: bool = False) -> HasKey:
    """Return the condition that the actor holds the `key` of a row now; for None it is always false.

    `each`: PostgreSQL checks row by row, which suits a list that an index orders. Roles that hold all keys always get
    it: otherwise PostgreSQL could start from all their copies.
    """
    holds_all = acting is not None and acting.role in HOLD_ALL
    return HasKey(*(acting.holders if acting else ()), each=each or holds_all)
