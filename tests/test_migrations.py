"""`make migrations` writes the next migration of the rooms whose models changed, without a database, and changes no
file that stands.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .frozen import changed, files_that_run_once, record
from .hotline import CHECKOUT

CONTACTS = "amparo/line/contacts"
SQL = f"{CONTACTS}/sql/tables.sql"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the checkout: what a developer changes."""
    shutil.copytree(CHECKOUT / "amparo", tmp_path / "amparo", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (tmp_path / "tests").mkdir()
    for name in ("tests/__init__.py", "tests/migrations.py", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    return tmp_path


def make_migrations(copy: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.migrations", *options]
    home = {"AMPARO_HOME": str(copy / "home"), "DATABASE_URL": ""}
    return subprocess.run(command, cwd=copy, env=os.environ | home, capture_output=True, text=True, check=False)


def migrations(copy: Path) -> dict[str, str]:
    return {str(path.relative_to(copy)): path.read_text() for path in copy.glob("amparo/*/*/migrations/*.py")}


def add_column(copy: Path, options: str) -> None:
    models = copy / CONTACTS / "models/contact.py"
    column = f'    invented = models.CharField(max_length=8, {options}verbose_name="invented")\n'
    models.write_text(models.read_text().replace("    ubigeo = models", f"{column}    ubigeo = models", 1))


def test_a_new_column_has_a_migration_of_its_own_and_no_other_file_changes(copy):
    before = migrations(copy)
    assert make_migrations(copy).stdout == ""  # the control: without a change of a model
    add_column(copy, 'blank=True, default="", ')
    printed, after = make_migrations(copy).stdout, migrations(copy)
    (new,) = after.keys() - before.keys()
    assert printed == f"{new}\n"
    assert re.fullmatch(rf"{CONTACTS}/migrations/0\d+_contact_invented\.py", new)
    assert 'name="invented",' in after[new]  # as ruff lays it out: Django writes single quotes
    assert {path: text for path, text in after.items() if path != new} == before


def test_a_column_that_old_rows_cannot_have_is_refused(copy):
    before = migrations(copy)
    add_column(copy, "")
    done = make_migrations(copy)
    assert done.returncode != 0
    assert "impossible to add a non-nullable field" in done.stderr
    assert migrations(copy) == before


def test_an_empty_migration_is_written_for_sql_of_a_room(copy):
    before = migrations(copy)
    printed = make_migrations(copy, "--room", "line/contacts", "--name", "one_more_index").stdout
    (new,) = migrations(copy).keys() - before.keys()
    assert printed == f"{new}\n"
    assert new.endswith("_one_more_index.py")


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_what_a_release_had_is_seen_to_change(copy, change):
    release = copy / "tests/releases/9.9.9"
    release.mkdir(parents=True)
    record(release, copy)
    (copy / CONTACTS / "migrations/0099_later.py").write_text("")  # what came after it is free
    assert changed(copy) == []
    if change == "edited":
        (copy / SQL).write_text((copy / SQL).read_text() + "\n")
    else:
        (copy / SQL).unlink()
    assert changed(copy) == [SQL]


def test_functions_are_no_part_of_what_a_release_freezes():
    frozen = {str(path.relative_to(CHECKOUT)) for path in files_that_run_once()}
    assert {SQL, f"{CONTACTS}/migrations/0001_initial.py"} <= frozen
    assert f"{CONTACTS}/sql/functions.sql" not in frozen


def sql_of(texts: list[str]) -> list[str]:
    """Lines of migrations that hold SQL or code, other than the call that applies a room's files."""
    return re.findall(
        r"^.*(?:RunSQL|RunPython|execute\(|create (?:function|trigger|policy)).*$", "\n".join(texts), re.M
    )


def test_a_migration_has_no_sql_but_the_call_that_applies_files():
    texts = [text for path, text in migrations(CHECKOUT).items() if not path.endswith("__init__.py")]
    assert len(texts) > 20
    assert sql_of(texts) == []
    assert sql_of(["        migrations.RunSQL('select 1'),"])  # the control
