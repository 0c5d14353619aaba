"""Turn each model's statement of who may read and write its rows into policies and privileges of PostgreSQL.

A model carries `protected = ...`: one of the rules below, plus what each process may do at all. After every migration
`apply_row_security` turns these rules into FORCE ROW LEVEL SECURITY, policies and grants. A table without a rule is
closed.
"""

import hashlib
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from psycopg import sql

from . import schema
from .actor import PROCESSES, store_signing_key

KEEPER = "gatekeeper"  # owns the few functions that bypass the policies; nobody can sign in as it

# Tables of libraries. None holds anything about a caller: they say who signed in, which jobs wait, what was migrated.
LIBRARIES = {
    "account_email": {"web": "select"},  # allauth's; empty, because Amparo uses no e-mail
    "mfa_": {"web": "select, insert, update, delete"},
    "django_migrations": {p: "select" for p in PROCESSES if p != "site"},
    "django_content_type": {"web": "select"},
    "auth_": {"web": "select"},
    "procrastinate_": dict.fromkeys(("web", "worker", "switchboard"), "select, insert, update, delete"),
}

IS_NO_PAGE = "current_user <> current_database() || '_web'"
ADMINISTRATOR = "split_part((select acting.role()), '/', 2) = 'administrator'"

# Makes PostgreSQL check each row through the index; otherwise it first reads everything visible into memory.
EACH = " offset 0"

POLICIES = ("reads", "adds", "changes", "removes", "keeper", *PROCESSES)


class RowPolicy:
    """Base of all rules. `reads`, `writes` and `adds` return SQL conditions on a row: who may read, write or add it.

    `processes` maps a process to its privileges on the table, such as "select, insert".
    """

    def __init__(self, **processes: str) -> None:
        self.processes = processes

    def reads(self, model: type[models.Model]) -> str:
        raise NotImplementedError

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)

    def adds(self, model: type[models.Model]) -> str:
        return self.writes(model)

    def of_process(self, process: str) -> str:
        """Return the condition for a process that acts as itself. It can open no sealed column, because it has no keys;
        only the worker has those of open conversations with an address (line/channels).
        """
        return f"(select acting.role()) = 'system/{process}'"


class OpenTable(RowPolicy):
    """Every signed-in user reads every row. `why` says why nothing in the table is confidential.

    `by`: the SQL condition under which a user may add a row; default: everybody may. The owner of the tables, and so
    every command on the machine, always may.
    """

    def __init__(self, why: str, *, by: str = "", **processes: str) -> None:
        super().__init__(**processes)
        self.why, self.by = why, by

    def reads(self, model: type[models.Model]) -> str:
        return "true"

    def adds(self, model: type[models.Model]) -> str:
        return f"{IS_NO_PAGE} or {self.by}" if self.by else "true"


class ByRole(RowPolicy):
    """Everybody in one of these roles reads. Writing can be limited to a person's `own` row, or to one role, `by`."""

    def __init__(self, *roles: str, own: str = "", by: str = "", **processes: str) -> None:
        super().__init__(**processes)
        self.roles, self.own, self.by = roles, own, by

    def reads(self, model: type[models.Model]) -> str:
        return f"(select acting.role()) in ({', '.join(f"'{role}'" for role in self.roles)})"

    def writes(self, model: type[models.Model]) -> str:
        if self.by:
            return f"(select acting.role()) = '{self.by}'"
        return f"{self.own} = (select acting.user_id())" if self.own else self.reads(model)


class WrittenBy(RowPolicy):
    """Every signed-in user reads, because nothing in the table is confidential (`why`). Only these roles write."""

    def __init__(self, why: str, *roles: str, **processes: str) -> None:
        super().__init__(**processes)
        self.why, self.roles = why, roles

    def reads(self, model: type[models.Model]) -> str:
        return "true"

    def writes(self, model: type[models.Model]) -> str:
        return f"(select acting.role()) in ({', '.join(f"'{role}'" for role in self.roles)})"


class ByKey(RowPolicy):
    """Holders of a live copy of the row's data key read; only the agency that owns the row writes."""

    def __init__(self, column: str = "key_id", **processes: str) -> None:
        super().__init__(**processes)
        self.column = column

    def reads(self, model: type[models.Model]) -> str:
        """Return the condition that the actor sees a copy of the key in vault_grant, which shows their live ones."""
        return self._has_grant(model)

    def writes(self, model: type[models.Model]) -> str:
        return self._has_grant(model, " and g.agency_id = g.owner_id")

    def _has_grant(self, model: type[models.Model], and_more: str = "") -> str:
        key = f"{model._meta.db_table}.{self.column}"
        return f"exists (select from vault_grant g where g.key_id = {key}{and_more}{EACH})"


class ByKeyAnyAgency(ByKey):
    """Holders of the row's data key read and write, whatever their agency: for messages between two institutions."""

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)


class OwnRows(ByKey):
    """Users read and write only their own rows, and only while they hold the data key of the row's record."""

    def __init__(self, actor_column: str, column: str = "key_id", **processes: str) -> None:
        super().__init__(column, **processes)
        self.actor_column = actor_column

    def reads(self, model: type[models.Model]) -> str:
        return f"{self.actor_column} = (select acting.user_id()) and {super().reads(model)}"

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)


class ToAgency(RowPolicy):
    """People with one of these roles in the agency in `column` read and write, except the user in the column `but`."""

    def __init__(self, column: str, *roles: str, but: str, **processes: str) -> None:
        super().__init__(**processes)
        self.column, self.roles, self.but = column, roles, but

    def reads(self, model: type[models.Model]) -> str:
        roles = ", ".join(f"'{role}'" for role in self.roles)
        return (
            f"{self.column} = (select acting.agency_id()) and {self.but} <> (select acting.user_id())"
            f" and split_part((select acting.role()), '/', 2) in ({roles})"
        )


class ByHolder(RowPolicy):
    """For the table of data keys' copies: each holder reads their own live ones. Only the vault's functions write them.

    Do not write `holder = any (...)`: PostgreSQL would estimate it at a twentieth of the table, multiply that with the
    same filter of the query, and read all copies of a supervisor to find ten (bench/access.py).
    """

    def reads(self, model: type[models.Model]) -> str:
        now = "statement_timestamp()"  # same as Django's Now(): a copy can expire within a transaction, too
        return f"array_position((select acting.holders())::varchar[], holder) is not null and expires_at > {now}"


class ClosedTable(RowPolicy):
    """Nobody has access, not even the keeper, except through functions and policies in the room's own SQL."""


class ThroughParent(RowPolicy):
    """Whoever sees the parent row in the model `to`, which `column` points at, reads and writes the row."""

    def __init__(self, column: str, to: str, **processes: str) -> None:
        super().__init__(**processes)
        self.column, self.to = column, to

    def reads(self, model: type[models.Model]) -> str:
        other = apps.get_model(self.to)._meta.db_table
        return f"exists (select from {other} o where o.id = {model._meta.db_table}.{self.column}{EACH})"


def policy_of(model: type[models.Model]) -> RowPolicy | None:
    """Return the rule of a model's table, or None. A join table's rule is in its owner's `protected_joins`."""
    if model._meta.auto_created:
        joins: dict[str, RowPolicy] = getattr(model._meta.auto_created, "protected_joins", {})
        return joins.get(model._meta.db_table)
    return model.__dict__.get("protected")


def apply_row_security(using: str = "default") -> None:
    """Set roles, privileges and policies as the models state. Runs as the owner of the tables; running it again changes
    nothing.
    """
    connection = connections[using]
    database = connection.settings_dict["NAME"]
    statements = [
        *_role_statements(database),
        *_library_grants(connection.introspection.table_names(), database),
        *_table_statements(database),
    ]
    with connection.cursor() as cursor:
        cursor.execute("select app || ' ' || name from django_migrations order by id")
        # A migration that only makes a function changes no statement here.
        migrated = [name for (name,) in cursor.fetchall()]
        digest = hashlib.sha256("\n".join(statements + migrated).encode()).hexdigest()
        store_signing_key(cursor)
        cursor.execute("select applied from acting.gate")
        if cursor.fetchone() != (digest,):
            cursor.execute("delete from acting.gate")  # first, so that an interrupted run starts again
            for statement in statements:
                cursor.execute(statement)
            schema.drop_stale_objects(cursor)
            cursor.execute("insert into acting.gate values (%s)", [digest])
        _give_passwords(cursor, database)


_HAND_OVER = """do $$ declare f regprocedure; begin
    for f in select oid from pg_proc where prosecdef and pronamespace = 'public'::regnamespace loop
        execute format('alter function %%s owner to %s', f);
        -- pg_temp comes last: otherwise the function would use a caller's temporary table in place of ours.
        execute format('alter function %%s set search_path = pg_catalog, public, pg_temp', f);
    end loop; end $$"""


def _give_passwords(cursor: Any, database: str) -> None:
    """Set the password of each process to a secret of this home; only the owner of the tables can.

    The server receives a hash (RFC 5802), because its log may contain the statement.
    """
    for process in PROCESSES:
        role, secret = f"{database}_{process}", settings.ENVIRONMENT.secret(f"database-{process}")
        hashed = cursor.connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
        cursor.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(hashed)))


def _role_statements(database: str) -> list[str]:
    made = [
        f"""do $$ begin create role "{database}_{process}" login nosuperuser nobypassrls nocreatedb nocreaterole;
        exception when duplicate_object then null; end $$"""
        for process in (*PROCESSES, KEEPER)
    ]
    staffed = ", ".join(f'"{database}_{process}"' for process in PROCESSES if process != "site")
    everyone, keeper = ", ".join(f'"{database}_{process}"' for process in PROCESSES), f'"{database}_{KEEPER}"'
    return [
        *made,
        f"alter role {keeper} nologin",
        f"grant {everyone}, {keeper} to current_user with set true, inherit false",
        # The public pages run with fewer rights.
        f'grant "{database}_site" to "{database}_web" with set true, inherit false',
        # Until the last line; otherwise its functions could not be replaced.
        f"grant {keeper} to current_user with inherit true",
        *schema.function_statements(),
        "revoke all on schema public from public",
        f'revoke temporary on database "{database}" from public',  # a temporary table could stand in for one of ours
        f"grant usage on schema public to {everyone}",
        f"revoke all on all tables in schema public from {everyone}",
        f"grant usage on all sequences in schema public to {everyone}, {keeper}",
        "revoke all on schema acting from public",
        f"grant usage on schema acting to {everyone}, {keeper}",
        f"grant usage, create on schema public to {keeper}",
        f"grant select, insert, update, delete on all tables in schema public to {keeper}",
        _HAND_OVER % keeper,
        f"revoke create on schema public from {keeper}",
        "revoke execute on all functions in schema public, acting from public",
        f"grant execute on all functions in schema public to {staffed}, {keeper}",
        f"grant execute on all functions in schema acting to {everyone}, {keeper}",
        *(f'grant execute on function {name} to "{database}_site"' for name in _functions_for_bearers()),
        f"grant {keeper} to current_user with inherit false",
    ]


def _functions_for_bearers() -> list[str]:
    """Return the SQL functions that the public pages may call. Each checks which keys its caller holds (bearers.py)."""
    return [name for app in apps.get_app_configs() for name in getattr(app, "bearers_may_call", ())]


def _library_grants(tables: list[str], database: str) -> list[str]:
    return [
        f'grant {privileges} on {table} to "{database}_{process}"'
        for table in tables
        for name, processes in LIBRARIES.items()
        if table.startswith(name)
        for process, privileges in processes.items()
    ]


def _table_statements(database: str) -> list[str]:
    statements = []
    for model in apps.get_models(include_auto_created=True):
        if (rule := policy_of(model)) is not None:
            statements += _statements_of_table(model, rule, database)
    return statements


def _statements_of_table(model: type[models.Model], rule: RowPolicy, database: str) -> list[str]:
    table = model._meta.db_table
    grants = [
        f'grant {privileges} on {table} to "{database}_{process}"' for process, privileges in rule.processes.items()
    ]
    if isinstance(rule, ClosedTable):
        return [*_force_row_security(table), f'revoke all on {table} from "{database}_{KEEPER}"', *grants]
    reads, writes = rule.reads(model), rule.writes(model)
    policies = {
        "reads": f"for select using ({reads})",
        "adds": f"for insert with check ({rule.adds(model)})",
        "changes": f"for update using ({writes}) with check ({writes})",
        "removes": f"for delete using ({writes})",
    }
    policies["keeper"] = f'to "{database}_{KEEPER}" using (true) with check (true)'
    for process in (p for p in rule.processes if p != "web"):
        condition = rule.of_process(process)
        policies[process] = f'to "{database}_{process}" using ({condition}) with check ({condition})'
    return [
        *_force_row_security(table),
        *(f"drop policy if exists {name} on {table}" for name in POLICIES),
        *(f"create policy {name} on {table} {clause}" for name, clause in policies.items()),
        *grants,
    ]


def _force_row_security(table: str) -> list[str]:
    return [f"alter table {table} enable row level security", f"alter table {table} force row level security"]
