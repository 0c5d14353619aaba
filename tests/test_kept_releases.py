"""What earlier releases made (tests/kept_releases.py) is opened by today's version: migrated, it has today's schema,
all of its rows, and policies that hold. A migration that fails leaves a real line's database as it was before it.
"""

import shutil
from pathlib import Path

import pytest

from .hotline import CHECKOUT, LONGEST_WORK, Hotline, furnish
from .kept_releases import (
    RELEASES,
    database_of,
    empty_home,
    load,
    lost_rows,
    migrate,
    restore,
    rows_of,
    schema_of,
    seen_and_granted,
)

pytestmark = pytest.mark.timeout(1800)  # a machine that others share
KEPT = sorted(path for path in RELEASES.iterdir() if path.is_dir())
CONTACTS = "amparo/line/contacts"

# What a later release could do to a room: an invented column, a constraint and a function; and what it may not do, lose
# a column that the models have.
LATER = """from django.db import migrations, models

from amparo.foundation.core.schema import run_file

TOO_LOW = models.CheckConstraint(condition=models.Q(invented__gte=0), name="an_invented_number_is_not_negative")


class Migration(migrations.Migration):
    dependencies = [("contacts", "{before}")]
    operations = [
        migrations.AddField("contact", "invented", models.IntegerField(db_default=7)),
        migrations.AddConstraint("contact", TOO_LOW),
        run_file("contacts", "invented.sql"),
    ]
"""
LOSES_A_COLUMN = "alter table contacts_contact drop column heard_code cascade;\n"
FUNCTION = "\ncreate or replace function contacts_invented() returns int language sql as $$ select 7 $$;\n"
FAILS = "alter table contacts_draft add column invented int; insert into contacts_contact (id) values (null);\n"
MENDED = "alter table contacts_draft add column invented int;\n"


@pytest.fixture(scope="module")
def schema_of_today():
    with empty_home() as it:
        furnish(it.home)
        with it.database_alone():
            it.do(migrate)  # the copy may have been made before a policy changed
            yield schema_of(it)


@pytest.fixture(scope="module", params=[f"{path.name} {how}" for path in KEPT for how in ("dump", "backup")])
def migrated(request):
    """A release, and a home whose database it made and today's version migrated. Nothing else runs."""
    release, how = RELEASES / request.param.split()[0], request.param.split()[1]
    with empty_home() as it:
        if how == "backup":
            restore(release, it)
        else:
            (it.home / "run").mkdir(mode=0o755)
        with it.database_alone():
            if how == "dump":
                load(release, it)
                it.do(migrate)
            yield release, it


def test_it_has_the_schema_of_today(migrated, schema_of_today):
    assert schema_of(migrated[1]) ^ schema_of_today == set()


def test_no_row_is_lost(migrated):
    release, it = migrated
    expected = rows_of(release)
    assert len([table for table, rows in expected.items() if rows]) > 80
    assert lost_rows(it, expected) == []
    assert lost_rows(it, {"public.contacts_contact": expected["public.contacts_contact"] + 1}) != []  # the control


def test_people_see_what_they_hold_keys_for_and_nothing_else(migrated):
    _release, it = migrated
    found = it.do(seen_and_granted)
    assert len(found) > 10
    assert [kind for kind, counts in found.items() if any(seen != granted for seen, granted in counts)] == []
    assert found["nobody"] == [(0, 0), (0, 0)]
    assert min(seen for seen, _ in found["hotline/supervisor"]) > 0
    with database_of(it).connect() as link:  # the control: without its policies, everybody sees the table
        link.execute("alter table cases_case disable row level security")
        assert it.do(seen_and_granted)["hotline/operator"] != found["hotline/operator"]
        link.execute("alter table cases_case enable row level security")


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A copy of today's program, with what Python compiled of it: a later version, with an invented migration."""
    shutil.copytree(CHECKOUT / "amparo", tmp_path / "amparo", ignore=shutil.ignore_patterns("tests"))
    before = max(path.stem for path in (tmp_path / CONTACTS / "migrations").glob("0*.py"))
    (tmp_path / CONTACTS / "migrations/0998_invented.py").write_text(LATER.format(before=before))
    (tmp_path / CONTACTS / "sql/invented.sql").write_text("")
    return tmp_path


def test_the_control_a_later_migration_runs_and_a_lost_column_is_seen(later, schema_of_today):
    (later / CONTACTS / "sql/invented.sql").write_text(LOSES_A_COLUMN)
    with (later / CONTACTS / "sql/functions.sql").open("a") as functions:
        functions.write(FUNCTION)
    with empty_home(AMPARO_DEMO="1") as it:
        it.program = later  # no checkout, so it must be told what it is
        restore(KEPT[0], it)
        with it.database_alone(), database_of(it).connect() as link:
            rows = link.execute("select count(*), sum(invented) from contacts_contact").fetchone()
            found = schema_of(it)
    assert rows[0] > 0
    assert rows[1] == 7 * rows[0]
    new, gone = found - schema_of_today, schema_of_today - found
    assert {line.partition(":")[0] for line in new if "ACL" not in line} == {
        "TABLE public.contacts_contact postgres",
        "FUNCTION public.contacts_invented() postgres",
    }
    assert any("an_invented_number_is_not_negative" in line for line in new)
    assert any(line.endswith(": invented integer DEFAULT 7 NOT NULL") for line in new)
    assert any("TABLE public.contacts_contact postgres: heard_code " in line for line in gone)


def test_a_migration_that_fails_leaves_a_real_line_as_it_was_before_it(later):
    failing, sql = later / CONTACTS / "migrations/0999_failing.py", later / CONTACTS / "sql/failing.sql"
    text = LATER.format(before="0998_invented").replace("invented.sql", "failing.sql")
    failing.write_text("".join(line for line in text.splitlines(keepends=True) if "migrations.Add" not in line))
    sql.write_text(FAILS)
    with empty_home(AMPARO_DEMO="0") as it:
        furnish(it.home, "0")
        it.program = later
        done = it.run("run", patience=LONGEST_WORK)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "the migration contacts.0999_failing failed (IntegrityError contacts_contact" in done.stderr
        assert invented_columns(it) == ["contacts_contact"]  # of the migration before it; nothing of its own
        it.program = CHECKOUT
        assert "made by a newer version" in it.run("run", patience=LONGEST_WORK).stderr
        it.program = later
        sql.write_text(MENDED)
        it.start().stop()
        assert invented_columns(it) == ["contacts_contact", "contacts_draft"]


def invented_columns(it: Hotline) -> list[str]:
    with it.database_alone(), database_of(it).connect() as link:
        found = link.execute("select table_name from information_schema.columns where column_name = 'invented'")
        return sorted(name for (name,) in found)
