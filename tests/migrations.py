"""`make migrations`: the next migration of each room whose models changed. It needs no database.

`ROOM=line/contacts` writes an empty one for that room instead, to be filled in by hand; `NAME=` names it. A file that
stands is never changed: a release may have it (tests/frozen.py).
"""

import argparse
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import amparo

CHECKOUT = Path(amparo.__path__[0]).parent
RUFF = Path(sys.executable).with_name("ruff")


def write_next(room: str = "", name: str = "") -> list[Path]:
    """Return the new files, as paths within the checkout."""
    from django.core.management import call_command
    from django.db import connection

    connection.settings_dict["ENGINE"] = "django.db.backends.dummy"  # no database is asked for its history
    labels, options = [Path(room).name] if room else rooms(), {"empty": bool(room), "name": name or None}
    call_command("makemigrations", *labels, interactive=False, scriptable=True, stdout=(paths := StringIO()), **options)
    files = [Path(path).resolve() for path in paths.getvalue().split()]
    if files:
        subprocess.run([RUFF, "check", "--quiet", "--fix", *files], check=True)
        subprocess.run([RUFF, "format", "--quiet", *files], check=True)
    return sorted(path.relative_to(CHECKOUT) for path in files)


def rooms() -> list[str]:
    """The labels of our rooms that have models."""
    from django.apps import apps

    ours = (config for config in apps.get_app_configs() if config.name.startswith("amparo."))
    return [config.label for config in ours if any(config.get_models())]


def main() -> None:
    import django
    from django.utils import translation

    parser = argparse.ArgumentParser()
    parser.add_argument("--room", default="")
    parser.add_argument("--name", default="")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"
    os.environ.setdefault("AMPARO_DEMO", "1")  # no home is read: a copy without git will do
    django.setup()
    translation.deactivate_all()  # the words of models stand in migrations in English
    for path in write_next(arguments.room, arguments.name):
        print(path)


if __name__ == "__main__":
    main()
