"""`amparo backup` and `amparo restore`, for the administrator."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from amparo.foundation.core.environment import Environment, read_age_identities
from amparo.foundation.core.refusal import Misconfigured

from . import last_run
from .files import DATA, KEYS


def add_backup_arguments(parser: ArgumentParser, verb: Callable[[Namespace], None]) -> None:
    parser.set_defaults(verb=verb)
    parser.add_argument("folder", help="where the data goes")
    parser.add_argument("--keys", metavar="FOLDER", help="where the key store goes; without it: AMPARO_BACKUP_KEYS")
    parser.add_argument("--identity", metavar="FILE", help="check with this age identity that you can open it")
    checks = "restore it into a database that is gone afterwards"
    parser.add_argument("--check", action=BooleanOptionalAction, default=True, help=checks)


def add_restore_arguments(parser: ArgumentParser, verb: Callable[[Namespace], None]) -> None:
    parser.set_defaults(verb=verb)
    parser.add_argument("folder", help="a backup of the data, or a folder with several: then the newest")
    parser.add_argument("--keys", metavar="FOLDER", help="likewise of the key store; without it: AMPARO_BACKUP_KEYS")
    parser.add_argument("--identity", metavar="FILE", required=True, help="the age identity that opens both")


def backup(environment: Environment, arguments: Namespace) -> None:
    """Write the two files of a backup, check them by restoring them, record it for the administrator's page, and print
    one line.
    """
    from .checking import check_backup
    from .database import database_of, outage_as_sentence
    from .loading import Backup
    from .making import BackupOrder, new_backup, one_backup_at_a_time

    data, keys = _make_folders(environment, arguments)
    to, keys_to = environment.backup_recipients, environment.backup_key_recipients
    if not to:
        raise Misconfigured(
            "A backup needs somebody who can open it: set AMPARO_BACKUP_RECIPIENTS to the age1... of your safe."
        )
    ours = read_age_identities(arguments.identity, "--identity") if arguments.identity else ()
    if arguments.check and not ours:  # a temporary key, in memory alone, so that we can read what we wrote
        passing = pyrage.x25519.Identity.generate()
        ours, to, keys_to = (str(passing),), (*to, str(passing.to_public())), (*keys_to, str(passing.to_public()))
    database = database_of(environment)
    order = BackupOrder(database, environment.home, data, keys, to, keys_to)
    with outage_as_sentence("backed up"), one_backup_at_a_time(order), new_backup(order) as made:
        checked, checked_at = "not checked", None
        if arguments.check:
            found = check_backup(Backup(made.data, ours, made.keys, ours), database)
            checked_at = datetime.now(UTC)
            checked = f"restored to check: all rows there, {found.opened} of {found.tried} sealed fields opened"
            if not arguments.identity:
                checked += "; whether your own identity opens it was not tried (--identity)"
    is_tried = checked_at is not None and bool(arguments.identity)
    last_run.note_backup(environment.home, at=made.made_at, size=made.size, checked_at=checked_at, is_tried=is_tried)
    print(f"Backed up {made.rows:,} rows of {made.tables} tables, {made.size / 1e6:,.1f} MB in two files; {checked}.")


def restore(environment: Environment, arguments: Namespace) -> None:
    """Restore into an empty home; print what is there, and the moment after which data is missing."""
    from .loading import Backup
    from .restoring import restore_backup as restore_all

    ours = read_age_identities(arguments.identity, "--identity")
    keys_folder = arguments.keys or environment.backup_keys
    keys = _newest_backup(Path(keys_folder), KEYS) if keys_folder else None
    data = _newest_backup(Path(arguments.folder), DATA)
    head, store = restore_all(Backup(data, ours, keys, ours), environment)
    last_run.note_restore(environment.home, at=datetime.now(UTC), as_of=head.made_at)
    tables = {**head.rows, **(store.rows if store else {})}
    sealed = "with its keys" if store else "WITHOUT the key store, so nothing sealed can be opened"
    print(
        f"Restored {sum(tables.values()):,} rows of {len(tables)} tables, {sealed}, as of {head.made_at}; what came"
        " later is not in it. `make run` serves it."
    )


def _make_folders(environment: Environment, arguments: Namespace) -> tuple[Path, Path]:
    keys = arguments.keys or environment.backup_keys
    if not keys:
        raise Misconfigured("The key store is backed up apart: set AMPARO_BACKUP_KEYS to another folder, or --keys.")
    folders = Path(arguments.folder).absolute(), Path(keys).absolute()
    if folders[0].resolve() == folders[1].resolve():
        raise Misconfigured("Give the key store a folder of its own, thrown away sooner than the data's.")
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"There can be no folder {folder} ({error.strerror}): name another.") from error
    return folders


def _newest_backup(path: Path, what: str) -> Path:
    """Return `path` if it is a file, else the newest backup of `what`, DATA or KEYS, in this folder."""
    if path.is_file():
        return path
    newest = max(path.glob(f"amparo-*.{what}.age"), default=None)
    if newest is None:
        raise Misconfigured(f"There is no backup of the {what} in {path}: name the folder that `amparo backup` filled.")
    return newest
