"""Restore a backup into an empty home and an empty database: all of it, or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg

from amparo.foundation.core.database import refuse_unfit
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.processes import LockFile
from amparo.foundation.core.refusal import Misconfigured

from .files import Head, unpack
from .loading import Backup, clear, give_rights, is_empty, load
from .place import Place, in_words, of

CUT_OFF = "restoring"  # a file in the home while a restore is under way


def restore(backup: Backup, environment: Environment) -> tuple[Head, Head | None]:
    """Fill this home and its database. Returns what the backup said of itself."""
    backup.heads()  # before anything is touched: what is no backup, or not ours to open, is refused here
    with (
        in_words("restored"),
        closing(LockFile(environment.home / "run" / "amparo.pid")),
        _all_or_nothing(environment) as place,
    ):
        data, keys = load(backup, place)
        if keys is None:
            _retire_nothing(place)
        give_rights(place, data)  # from here on the policies bind the owner, too, unless it is a superuser
        if keys:
            unpack(keys, environment.home / "keys")
        _bring_to_the_newest_form()
    return data, keys


def _retire_nothing(place: Place) -> None:
    """Without the key store all keys begin anew, under the first names: no copy is left that an old one wrapped."""
    with place.connect() as link:
        link.execute("delete from vault_retiredkey")


def _bring_to_the_newest_form() -> None:
    """A backup may be older than we are. Afterwards the gate says anew who may do what."""
    import django
    from django.core.management import call_command

    django.setup()  # only now: our settings read the keys that were restored
    from amparo.foundation.core import schema

    schema.refuse_other_version()
    call_command("migrate", verbosity=0)


@contextmanager
def _all_or_nothing(environment: Environment) -> Iterator[Place]:
    """The empty database; what goes wrong leaves it, and the home, as empty as they were."""
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
            with suppress(Misconfigured, psycopg.Error):  # else the mark stays, and the next restore begins anew
                _undo(environment)
            raise
        mark.unlink()
    finally:
        if not environment.database_url and place.server.exists:
            place.server.stop()


def _refuse_full(environment: Environment, place: Place) -> None:
    _start(environment, place)
    with place.connect() as link, link.cursor() as cursor:
        refuse_unfit(cursor)
        if not is_empty(link):
            raise Misconfigured("The database holds tables already: restore into an empty one.")


def _start(environment: Environment, place: Place) -> None:
    if not environment.database_url:
        place.server.start()


def _undo(environment: Environment) -> None:
    """Of a restore that did not end: its keys, its tables, its mark."""
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


def refuse_half(home: Path) -> None:
    """What a restore that was killed left behind is not a hotline."""
    if (home / CUT_OFF).exists():
        raise Misconfigured(f"A restore into {home} was cut off: type `amparo restore` again, with the same words.")
