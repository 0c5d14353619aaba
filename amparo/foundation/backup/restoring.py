"""Restore a backup into an empty home and an empty database: all of it, or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg

from amparo.foundation.core import home_kind
from amparo.foundation.core.database import refuse_unfit_database
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.processes import LockFile
from amparo.foundation.core.refusal import Misconfigured

from .database import Database, database_of, outage_as_sentence
from .files import Head, unpack_keys
from .loading import Backup, empty_database, is_empty_database, load_backup

CUT_OFF = "restoring"  # a file in the home while a restore is under way


def restore_backup(backup: Backup, environment: Environment) -> tuple[Head, Head | None]:
    """Restore a backup into this home and its database, which must be empty.

    Returns what its data file and its key file say about themselves; the second is None if the backup has no keys.
    Raises `Misconfigured`, and leaves both empty, if it fails.
    """
    # First, before anything changes: refuse files that are no backup, that we cannot open, or of another kind of home.
    for head in filter(None, backup.heads()):
        found = home_kind.Kind(head.kind) if head.kind else None
        home_kind.refuse_other_kind("This backup", found, demo=environment.demo)
    with (
        outage_as_sentence("restored"),
        closing(LockFile(environment.home / "run" / "amparo.pid")),
        _all_or_nothing(environment) as database,
    ):
        data, keys = load_backup(backup, database)
        with database.connect() as link:  # a backup of an older version does not say what its home was
            found = home_kind.kind_in_database(link.cursor())
            home_kind.refuse_other_kind("This backup", found, demo=environment.demo)
        if keys is None:
            _clear_retired_keys(database)
        if keys:
            unpack_keys(keys, environment.home / "keys")
        _migrate()
        home_kind.keep_kind(environment.home, demo=environment.demo)
    return data, keys


def _clear_retired_keys(database: Database) -> None:
    """Forget which keys were retired. If the key store was not restored, new keys may get the names of retired
    ones.
    """
    with database.connect() as link:
        link.execute("delete from vault_retiredkey")


def _migrate() -> None:
    """Migrate the database, because a backup may be older than this version. This makes all privileges and policies."""
    import django

    django.setup()  # not earlier: our settings read the keys that were restored
    from amparo.foundation.core import migrating

    migrating.refuse_other_version()
    migrating.migrate()


@contextmanager
def _all_or_nothing(environment: Environment) -> Iterator[Database]:
    """Yield the empty database of an empty home. If the block fails, empty both again.

    Raises `Misconfigured` if the home has keys, or the database has tables.
    """
    home, mark, database = environment.home, environment.home / CUT_OFF, database_of(environment)
    if mark.exists():
        _undo_restore(environment)
    if any((home / "keys").glob("*")):
        raise Misconfigured(f"{home} holds the keys of a hotline: restore into an empty home, set by AMPARO_HOME.")
    try:
        if environment.database_url or database.server.exists:
            _refuse_full_database(environment, database)
        mark.touch()
        try:
            _start_server(environment, database)
            yield database
        except BaseException:
            with suppress(Misconfigured, psycopg.Error):  # otherwise the mark stays, and the next restore starts again
                _undo_restore(environment)
            raise
        mark.unlink()
    finally:
        if not environment.database_url and database.server.exists:
            database.server.stop()


def _refuse_full_database(environment: Environment, database: Database) -> None:
    _start_server(environment, database)
    with database.connect() as link, link.cursor() as cursor:
        refuse_unfit_database(cursor)
        if not is_empty_database(link):
            raise Misconfigured("The database holds tables already: restore into an empty one.")


def _start_server(environment: Environment, database: Database) -> None:
    if not environment.database_url:
        database.server.start()


def _undo_restore(environment: Environment) -> None:
    """Remove the keys, the tables and the mark of an unfinished restore."""
    database = database_of(environment)
    shutil.rmtree(environment.home / "keys", ignore_errors=True)
    if environment.database_url:
        with database.connect() as link:
            empty_database(link)
    elif database.server.data.exists():
        if database.server.exists:
            database.server.stop()
        shutil.rmtree(database.server.data)
    (environment.home / CUT_OFF).unlink()


def refuse_incomplete_restore(home: Path) -> None:
    """Raise `Misconfigured` if a killed restore left an incomplete hotline."""
    if (home / CUT_OFF).exists():
        raise Misconfigured(f"A restore into {home} was cut off: type `amparo restore` again, with the same words.")
