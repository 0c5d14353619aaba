"""Releases that are kept in `tests/releases`, so that each later version is tried on what they made.

`make release` keeps one: the first start of a demonstration, an invented case in it, and then

- `database.sql.xz`: all of its database, as pg_dump writes it,
- `data.age` and `keys.age`: a backup by `amparo backup`, and `identity`, which opens both,
- `frozen.sha256`: the digests of the files that never change again (tests/frozen.py).

All people in it are invented, and so its keys protect nothing.
"""

import lzma
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amparo.foundation.backup.database import Database
from amparo.foundation.backup.files import read_head
from amparo.foundation.core.database import DatabaseServer
from tests import frozen
from tests.backups import Safe, back_up, plant
from tests.hotline import CHECKOUT, LONGEST_WORK, Hotline

RELEASES = CHECKOUT / "tests/releases"
DUMP, DATA, KEYS, IDENTITY = "database.sql.xz", "data.age", "keys.age", "identity"
ROLE = re.compile(rb'(?:TO|FROM) "?(amparo_[a-z]+)"?')
OBJECT = re.compile(r"^-- Name: (.*); Type: (.*); Schema: (.*); Owner: (.*)$", re.MULTILINE)


def keep(release: Path) -> None:
    """Make a demonstration, and keep what it made in this folder, which is new."""
    it = Hotline(AMPARO_DEMO="1")
    try:
        it.start().stop()
        with it.database_alone(), tempfile.TemporaryDirectory() as folder:
            it.do(plant_everything)
            safe, made = Safe(Path(folder)), Path(folder)
            back_up(it, safe, made / "data", made / "keys")
            release.mkdir(parents=True)
            (release / DUMP).write_bytes(lzma.compress(dump(database_of(it)), preset=9))
            for name, source in ((DATA, made / "data"), (KEYS, made / "keys")):
                (release / name).write_bytes(next(source.iterdir()).read_bytes())
            (release / IDENTITY).write_text(f"# It opens invented data alone.\n{safe.file.read_text()}")
    finally:
        it.clear_away()
    frozen.record(release)


def plant_everything() -> None:
    """Runs in the demonstration's process: what people told, and what the line did for them."""
    from amparo.care.shelters.models import House
    from amparo.foundation.access.models import User
    from tests.test_promises import planting
    from tests.test_promises.access import contact_of

    ana, marta, olga, teo, carla = (
        User.objects.get(username=name) for name in ("ana", "marta", "olga", "teo", "carla")
    )
    words = {
        "name": "Inventada de Ejemplo",
        "number": "000000019",
        "address": "Calle Inventada 1",
        "words": "inventado",
    }
    text = words["words"]
    plant(2)
    house = House.objects.get(code_name="Casa Queñual")
    planted = planting.plant_case(contact_of(ana, notes=text), words.__getitem__, by=ana, liaison=teo)
    planting.plant_placement(planted, house, text, by=ana, officer=olga)
    planting.plant_shift(text, by=ana)
    planting.plant_feedback(contact_of(ana, notes=text), text, by=ana, reviewer=marta)
    planting.plant_file(text, by=marta)
    planting.plant_testimony(text, words["name"], by=carla)


def restore(release: Path, it: Hotline) -> None:
    """Let an empty home restore the release's backup, which migrates it."""
    files = (str(release / DATA), "--keys", str(release / KEYS), "--identity", str(release / IDENTITY))
    done = it.run("restore", *files, patience=LONGEST_WORK)
    assert done.returncode == 0, done.stderr


def load(release: Path, it: Hotline) -> None:
    """Load the release's dump into the running, empty database of a home. It is not migrated."""
    database, text = database_of(it), lzma.decompress((release / DUMP).read_bytes())
    with database.connect() as link:
        for role in sorted(set(ROLE.findall(text))):
            link.execute(b'create role "%s"' % role)
    run_sql(database, text)


def migrate() -> None:
    """Runs in a hotline's process: what a start does with an older database."""
    from amparo.foundation.core import migrating

    migrating.refuse_other_version()
    migrating.migrate()


def rows_of(release: Path) -> dict[str, int]:
    """How many rows each table of the release has."""
    identities = (re.search(r"AGE-SECRET-KEY-\w+", (release / IDENTITY).read_text())[0],)
    return {t: n for name in (DATA, KEYS) for t, n in read_head(release / name, identities).rows.items()}


def lost_rows(it: Hotline, expected: dict[str, int]) -> list[str]:
    """The tables that have fewer rows than expected. One that a later version removed has none to lose."""
    with database_of(it).connect() as link:
        there = [table for table in expected if link.execute("select to_regclass(%s)", [table]).fetchone()[0]]
        return [t for t in there if link.execute(f"select count(*) from {t}").fetchone()[0] < expected[t]]


def schema_of(it: Hotline) -> set[str]:
    """Every object of a database as pg_dump describes it: its columns with type and default, constraints, indexes,
    functions, triggers, policies, privileges and sequences, with their owners.

    It is loaded once and described again: PostgreSQL writes a condition that was loaded from text in another way.
    """
    database = database_of(it)
    described = database.beside("described")
    with database.connect() as link:
        link.execute("drop database if exists described")
        link.execute("create database described template template0")
        run_sql(described, dump(database, "--schema-only"))
        text = dump(described, "--schema-only").decode()
        link.execute("drop database described")
    return set(objects_in(text))


def objects_in(text: str) -> Iterator[str]:
    """Yield "TYPE name owner: what" for each object; for each line of tables and of privileges, whose order says
    nothing.
    """
    text = re.sub(r"^(?:--|\\.*|SET default_.*)?\n", "", text, flags=re.MULTILINE)
    parts = OBJECT.split(text)[1:]
    for name, kind, schema, owner, body in zip(*(parts[n::5] for n in range(5)), strict=True):
        of_lines = kind in ("TABLE", "ACL")
        for what in body.strip().splitlines() if of_lines else [body.strip()]:
            yield f"{kind} {schema}.{name} {owner}: {what.strip().removesuffix(',')}"


def seen_and_granted() -> dict[str, list[tuple[int, int]]]:
    """Runs in a hotline's process: of one person of each kind, and of nobody, how many contacts and cases they see, and
    of how many they hold a key. Their keys last until tomorrow: a kept release grows old.
    """
    from datetime import timedelta

    from django.utils import timezone

    from amparo.care.cases.models import Case
    from amparo.foundation.access.models import User
    from amparo.foundation.core.actor import Actor, acting_as
    from amparo.foundation.vault.models import Grant
    from amparo.line.contacts.models import Contact

    Grant.objects.update(expires_at=timezone.now() + timedelta(days=1))
    actors = {it.role: it for it in (user.acting() for user in User.objects.filter(is_active=True).order_by("-pk"))}
    found = {}
    for kind, actor in {**actors, "nobody": Actor(0, 0, "")}.items():
        keys = Grant.objects.filter(holder__in=actor.holders).values_list("key_id", flat=True)
        granted = [model.objects.filter(key_id__in=list(keys)).count() for model in (Contact, Case)]
        with acting_as(actor):
            seen = [model.objects.count() for model in (Contact, Case)]
        found[kind] = list(zip(seen, granted, strict=True))
    return found


def database_of(it: Hotline) -> Database:
    server = DatabaseServer(it.home)
    return Database(server.url(), server)


def dump(database: Database, *options: str) -> bytes:
    with database.reading("pg_dump", *options) as output:
        return output.read()


def run_sql(database: Database, text: bytes) -> None:
    command = [database.server.program("psql"), database.url, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-1000:]


@contextmanager
def empty_home(**settings: str) -> Iterator[Hotline]:
    it = Hotline(**settings)
    try:
        yield it
    finally:
        it.clear_away()


def main() -> None:
    (wanted,) = sys.argv[1:]
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    if version != wanted:
        sys.exit(f"pyproject.toml says {version}: write {wanted} there first.")
    if (RELEASES / wanted).exists():
        sys.exit(f"The release {wanted} is kept already.")
    keep(RELEASES / wanted)


if __name__ == "__main__":
    main()
