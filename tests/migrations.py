"""`make migrations`: the first migration of each room whose models changed, made anew. It needs no database.

Until the first release a room has one migration, `0001_initial.py`, and a changed model changes that file. The rooms
depend on each other's first migrations, so all are made, and those of rooms without a change are put back.
"""

import os
import subprocess
import sys
from pathlib import Path

import amparo

CHECKOUT = Path(amparo.__path__[0]).parent
RUFF = Path(sys.executable).with_name("ruff")


def remake() -> list[Path]:
    """Return the files that changed, as paths within the checkout."""
    files = sorted(CHECKOUT.glob("amparo/*/*/migrations/0*.py"))
    before = {path: path.read_text() for path in files if has_models(path.parent.parent)}
    rooms = changed_rooms() | {room_of(path) for path in before if path.name != "0001_initial.py"}
    if not rooms:
        return []
    done: list[Path] = []
    try:
        for path in before:
            path.unlink()
        write(sorted({room_of(path) for path in before} | rooms))
        done = [path for path in CHECKOUT.glob("amparo/*/*/migrations/0*.py") if room_of(path) in rooms]
        for path in done:
            path.write_text(with_sql(path.read_text(), path.parent.parent))
        subprocess.run([RUFF, "check", "--quiet", "--fix", *done], check=True)
        subprocess.run([RUFF, "format", "--quiet", *done], check=True)
    except BaseException:
        done, rooms = [], set()
        raise
    finally:
        for path, text in before.items():
            if room_of(path) not in rooms:
                path.write_text(text)
    return [path.relative_to(CHECKOUT) for path in sorted(done)]


def room_of(path: Path) -> str:
    return path.parent.parent.name


def has_models(room: Path) -> bool:
    return any(room.glob("models*"))


def changed_rooms() -> set[str]:
    """The rooms whose models differ from their migrations."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(loader.graph)
    return {label for label in changes if apps.get_app_config(label).name.startswith("amparo.")}


def write(rooms: list[str]) -> None:
    from django.core.management import call_command
    from django.db import connection

    connection.settings_dict["ENGINE"] = "django.db.backends.dummy"  # no database is asked for its history
    call_command("makemigrations", *rooms, verbosity=0, interactive=False)


def with_sql(text: str, room: Path) -> str:
    """Add the files of the room's SQL that run once: `sequences.sql` before its tables, `tables.sql` after them."""
    first, last = (
        f'        run_file("{room.name}", "{name}"),\n' if (room / "sql" / name).exists() else ""
        for name in ("sequences.sql", "tables.sql")
    )
    if not first and not last:
        return text
    text = text.replace("    operations = [\n", f"    operations = [\n{first}", 1)
    end = text.rindex("    ]")
    text = text[:end] + last + text[end:]
    imported = "from amparo.foundation.core.schema import run_file"
    return text.replace("\n\n\nclass Migration", f"\n\n{imported}\n\n\nclass Migration", 1)


def main() -> None:
    import django
    from django.utils import translation

    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"
    django.setup()
    translation.deactivate_all()  # the words of models stand in migrations in English
    for path in remake():
        print(path)


if __name__ == "__main__":
    main()
