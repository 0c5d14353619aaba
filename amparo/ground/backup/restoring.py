"""Restore a backup into an empty home and an empty database: all of it, or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amparo.ground.core.database import refuse_unfit
from amparo.ground.core.environment import Environment, Misconfigured
from amparo.ground.core.processes import LockFile

from .files import Head, unpack
from .loading import Backup, clear, empty, give_rights, load
from .place import Place, of

CUT_OFF = "restoring"  # a file in the home while a restore is under way


def restore(backup: Backup, environment: Environment) -> Head:
    """Fill this home and its database. Returns what the backup said of itself."""
    backup.heads()  # before anything is touched: what is no backup, or not ours to open, is refused here
    lock = LockFile(environment.home / "run" / "amparo.pid")
    try:
        with _all_or_nothing(environment) as place:
            data, keys = load(backup, place)
            give_rights(place, data)
            with place.connect() as link:
                if keys is None:  # then no copy is left that a retired key could have wrapped
                    link.execute("delete from vault_retiredkey")
            if keys:
                unpack(keys, environment.home / "keys")
            _bring_to_the_newest_form()
    finally:
        lock.close()
    return data


def _bring_to_the_newest_form() -> None:
    """A backup may be older than we are. Afterwards the gate says anew who may do what."""
    import django
    from django.core.management import call_command

    django.setup()  # only now: our settings read the keys that were restored
    call_command("migrate", verbosity=0)


@contextmanager
def _all_or_nothing(environment: Environment) -> Iterator[Place]:
    """The empty database; what goes wrong leaves it, and the home, as empty as they were."""
    home, mark = environment.home, environment.home / CUT_OFF
    if mark.exists():
        _begin_anew(environment)
    elif any((home / "keys").glob("*")):
        raise Misconfigured(f"{home} holds the keys of a hotline: restore into an empty home, set by AMPARO_HOME.")
    place = _ready(environment)
    with place.connect() as link, link.cursor() as cursor:
        refuse_unfit(cursor)
        if not empty(link):
            raise Misconfigured("The database holds tables already: restore into an empty one.")
    mark.touch()
    try:
        yield place
    except BaseException:
        _begin_anew(environment)
        mark.unlink()
        raise
    mark.unlink()


def _ready(environment: Environment) -> Place:
    place = of(environment)
    if not environment.database_url:
        place.server.start()
    return place


def _begin_anew(environment: Environment) -> None:
    place = _ready(environment)
    with place.connect() as link:
        clear(link)
    shutil.rmtree(environment.home / "keys", ignore_errors=True)


def refuse_half(home: Path) -> None:
    """What a restore that was killed left behind is not a hotline."""
    if (home / CUT_OFF).exists():
        raise Misconfigured(f"A restore into {home} was cut off: type `amparo restore` again, with the same words.")
