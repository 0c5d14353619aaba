"""How each process signs in to the database: with a role of its own, which owns nothing there."""

import os
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from django.conf import settings
from django.db import connections
from psycopg_pool import ConnectionPool

from .database import DatabaseServer
from .environment import Environment
from .process_environment import limit_environment, without_password

PAGE_THREADS, CALL_THREADS = 8, 4  # of each web process (amparo/asgi.py); a thread uses one connection at a time
FOR_STREAMS = 2  # live streams ask for a moment each, and take turns
POOL = {
    "min_size": 1,
    "max_size": PAGE_THREADS + CALL_THREADS + FOR_STREAMS,  # enough for the threads of the worker's jobs, too
    # PostgreSQL keeps about 10 MB for each connection that has shown many pages, until the connection ends.
    "max_idle": 10.0,  # seconds after which one connection that nobody needed is closed, and then the next
    "max_lifetime": 30 * 60.0,  # seconds
    "timeout": 5,  # seconds. A dead database must show soon: the browser keeps the text and tries again
}


def databases_setting(environment: Environment) -> dict[str, Any]:
    """The value of Django's setting DATABASES for `environment.process`; without a process, the owner's."""
    url = urlsplit(environment.database_url or DatabaseServer(environment.home).url())
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    name, process = url.path[1:], environment.process
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": f"{name}_{process}" if process else unquote(url.username or ""),
        "PASSWORD": environment.secret(f"database-{process}") if process else unquote(url.password or ""),
        "HOST": url.hostname or query.get("host", ""),
        "PORT": url.port or "",
        "OPTIONS": {
            **{name: value for name, value in query.items() if name.startswith("ssl")},
            "connect_timeout": 5,
            # Values travel beside the statement, never in it; a repeated statement is planned once.
            "server_side_binding": True,
            "prepare_threshold": 2,
            "options": "-c timezone=UTC",  # also after `reset all`, when a connection goes back to the pool
            "pool": {**POOL, "reset": reset_session, "check": check_connection},
        },
        "TEST": {"NAME": os.environ.get("AMPARO_TEST_DB", "test_amparo")},
    }
    if process != "web":
        return {"default": default}
    # The public pages sign in with a role of their own (screens/site/anonymous.py).
    return {
        "default": default,
        "site": {**default, "USER": f"{name}_site", "PASSWORD": environment.secret("database-site")},
    }


def reset_session(connection: psycopg.Connection[Any]) -> None:
    """Reset the session for the next user. The pool calls it with each connection that comes back, in a thread."""
    connection.autocommit = True
    connection.execute("reset role; reset all")


def check_connection(connection: psycopg.Connection[Any]) -> None:
    """Raise if the connection is dead. The pool calls it with each connection before its next use.

    A restart of PostgreSQL ends all connections, so a dead one replaces all that lie in the pool. Otherwise each of
    them would cost a page, minutes later, or make it wait.
    """
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.OperationalError:
        used = cast("list[Any]", connections.all(initialized_only=True))
        for each in used:
            each.pool.drain()
        raise


def without_secrets_of_others(environment: Environment, process: str) -> Environment:
    """The settings as this process reads them, without the secrets that it does not use."""
    url = environment.database_url and without_password(environment.database_url)
    trunk_secret = environment.trunk_secret if process == "switchboard" else ""
    identities = () if process == "sealer" else environment.age_identities
    return replace(environment, process=process, database_url=url, trunk_secret=trunk_secret, age_identities=identities)


def sign_in_as_process(process: str) -> None:
    """Sign in to the database as this process, from the first connection on.

    Where Django is already set up, as in a forked child, its settings change in place: nothing has connected yet.
    """
    os.environ["AMPARO_PROCESS"] = process
    limit_environment(process)
    if settings.configured:
        settings.ENVIRONMENT = without_secrets_of_others(settings.ENVIRONMENT, process)
        for alias, values in databases_setting(settings.ENVIRONMENT).items():
            settings.DATABASES.setdefault(alias, dict(settings.DATABASES["default"])).update(values)
