"""Restore a backup into an empty home and an empty database: all of it, or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg

from amparo.foundation.core.database import refuse_unfit_database
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.processes import LockFile
from amparo.foundation.core.refusal import Misconfigured

from .files import Head, unpack
from .loading import Backup, clear, give_rights, is_empty, load
from .place import Place, in_words, of

CUT_OFF = "restoring"  # a file in the home while a restore is under way


def restore(backup: Backup, environment: Environment) -> tuple[Head, Head | None]:
    """Fill this home and its database. Returns the heads of both files."""
    backup.heads()  # first, before anything changes: refuses files that are no backup, or that we cannot open
    with (
        in_words("restored"),
        closing(LockFile(environment.home / "run" / "amparo.pid")),
        _all_or_nothing(environment) as place,
    ):
        data, keys = load(backup, place)
        if keys is None:
            _clear_retired_keys(place)
        give_rights(place, data)  # from here on the policies bind the owner, too, unless it is a superuser
        if keys:
            unpack(keys, environment.home / "keys")
        _migrate()
    return data, keys


def _clear_retired_keys(place: Place) -> None:
    """Without the key store all keys start again under the first names, so no retired name may block them."""
    with place.connect() as link:
        link.execute("delete from vault_retiredkey")


def _migrate() -> None:
    """Migrate, because a backup may be older than this version. Afterwards row security is applied again."""
    import django
    from django.core.management import call_command

    django.setup()  # not earlier: our settings read the keys that were restored
    from amparo.foundation.core import schema

    schema.refuse_other_version()
    call_command("migrate", verbosity=0)


@contextmanager
def _all_or_nothing(environment: Environment) -> Iterator[Place]:
    """Yield the empty database; a failure leaves it, and the home, as empty as they were."""
    home, mark, place = environment.home, environment.home / CUT_OFF, of(environment)
    if mark.exists():
        _undo(environment)
    if any((home / "keys").glob("*")):
        raise Misconfigured(f"{home} holds the keys of a hotline: restore into an empty home, set by AMPARO_HOME.")
    try:
        if environment.database_url or place.server.exists:
            _refuse_full(environment, place)
        mark.touch()
        try:
            _start(environment, place)
            yield place
        except BaseException:
            with suppress(Misconfigured, psycopg.Error):  # otherwise the mark stays, and the next restore starts again
                _undo(environment)
            raise
        mark.unlink()
    finally:
        if not environment.database_url and place.server.exists:
            place.server.stop()


def _refuse_full(environment: Environment, place: Place) -> None:
    _start(environment, place)
    with place.connect() as link, link.cursor() as cursor:
        refuse_unfit_database(cursor)
        if not is_empty(link):
            raise Misconfigured("The database holds tables already: restore into an empty one.")


def _start(environment: Environment, place: Place) -> None:
    if not environment.database_url:
        place.server.start()


def _undo(environment: Environment) -> None:
    """Remove the keys, the tables and the mark of an unfinished restore."""
    place = of(environment)
    shutil.rmtree(environment.home / "keys", ignore_errors=True)
    if environment.database_url:
        with place.connect() as link:
            clear(link)
    elif place.server.data.exists():
        if place.server.exists:
            place.server.stop()
        shutil.rmtree(place.server.data)
    (environment.home / CUT_OFF).unlink()


def refuse_incomplete_restore(home: Path) -> None:
    """Raise `Misconfigured` if a killed restore left an incomplete hotline."""
    if (home / CUT_OFF).exists():
        raise Misconfigured(f"A restore into {home} was cut off: type `amparo restore` again, with the same words.")
