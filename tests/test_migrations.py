"""`make migrations` changes the first migration of the rooms whose models changed, without a database."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .hotline import CHECKOUT

CONTACTS = "amparo/line/contacts"
FIRST = f"{CONTACTS}/migrations/0001_initial.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the checkout: what a developer changes."""
    shutil.copytree(CHECKOUT / "amparo", tmp_path / "amparo", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (tmp_path / "tests").mkdir()
    for name in ("tests/__init__.py", "tests/migrations.py", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    return tmp_path


def remake(copy: Path) -> tuple[str, dict[str, str]]:
    """Return what `make migrations` prints, and the migrations that it changed, by path."""
    before = migrations(copy)
    command = [sys.executable, "-m", "tests.migrations"]
    home = {"AMPARO_HOME": str(copy / "home"), "DATABASE_URL": ""}
    done = subprocess.run(command, cwd=copy, env=os.environ | home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, {path: text for path, text in migrations(copy).items() if before.get(path) != text}


def migrations(copy: Path) -> dict[str, str]:
    return {str(path.relative_to(copy)): path.read_text() for path in copy.glob("amparo/*/*/migrations/*.py")}


def test_a_new_column_stands_in_the_first_migration_of_its_room_alone(copy):
    assert remake(copy) == ("", {})  # the control: without a change of a model
    models = copy / CONTACTS / "models/contact.py"
    column = '    invented = models.CharField(max_length=8, blank=True, default="", verbose_name="invented")\n'
    models.write_text(models.read_text().replace("    ubigeo = models", f"{column}    ubigeo = models", 1))
    printed, changed = remake(copy)
    assert (printed, list(changed)) == (f"{FIRST}\n", [FIRST])
    assert '"invented"' in changed[FIRST]
    for name in ("sequences", "tables"):
        assert f'run_file("contacts", "{name}.sql")' in changed[FIRST]


def test_a_model_that_cannot_be_read_leaves_every_migration_as_it_was(copy):
    before = migrations(copy)
    models = copy / CONTACTS / "models/contact.py"
    models.write_text(models.read_text().replace("    ubigeo = models", "    ubigeo = modles", 1))
    with pytest.raises(AssertionError, match="modles"):
        remake(copy)
    assert migrations(copy) == before


def sql_of(texts: list[str]) -> list[str]:
    """Lines of migrations that hold SQL or code, other than the call that applies a room's files."""
    return re.findall(
        r"^.*(?:RunSQL|RunPython|execute\(|create (?:function|trigger|policy)).*$", "\n".join(texts), re.M
    )


def test_a_migration_has_no_sql_but_the_call_that_applies_files():
    texts = [text for path, text in migrations(CHECKOUT).items() if not path.endswith("__init__.py")]
    assert 20 < len(texts) <= 40
    assert sql_of(texts) == []
    assert sql_of(["        migrations.RunSQL('select 1'),"])  # the control
