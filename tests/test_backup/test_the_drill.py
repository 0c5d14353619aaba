"""The drill: a running hotline is backed up, its house burns down, and it serves again; without its keys, nothing."""

import fcntl
import re
import subprocess
import time
import urllib.error

import psycopg
import pytest

from amparo.foundation.backup import last_run
from amparo.foundation.backup.database import Database
from amparo.foundation.core.database import DatabaseServer
from tests.backups import CONTROL, WORDS, back_up, plant, rights, sealed
from tests.hotline import Hotline, furnish
from tests.leaks import found_in
from tests.staff import Staff
from tests.test_backup.doing import CONTACTS, begun, is_untouched, restore

pytestmark = pytest.mark.timeout(600)


def test_the_backup_was_checked_by_restoring_it(house):
    assert "restored to check: all rows there, 87 of 87 sealed fields opened" in house.output
    assert "own identity opens it was not tried" in house.output
    assert [p.suffixes for p in house.data.iterdir()] == [[".data", ".age"]]
    assert [p.suffixes for p in house.keys.iterdir()] == [[".keys", ".age"]]


def test_the_administrators_page_can_say_when_it_was_made_and_how_large_it_is(house):
    last, files = last_run.read_last_run(house.home), [*house.data.iterdir(), *house.keys.iterdir()]
    assert last.size == sum(file.stat().st_size for file in files)
    assert last.moment("made_at").strftime("%Y%m%dT%H%M%SZ") in files[0].name
    assert last.moment("checked_at") >= last.moment("made_at")
    assert last.restored_at == ""


def test_nothing_that_was_told_stands_in_it(house, tmp_path):
    server = DatabaseServer(house.home)
    with Database(server.url(), server).reading("pg_dump") as dump:
        (tmp_path / "plain.sql").write_bytes(dump.read())
    hits = found_in([house.data, house.keys, tmp_path / "plain.sql"], [*WORDS, CONTROL])
    assert hits == {CONTROL: {"plain.sql"}}  # the control is found where it can be read, and only there


def test_with_its_keys_everything_is_open_and_served(house, safe, elsewhere):
    done = restore(elsewhere, house, safe, "--keys", str(house.keys))
    assert done.returncode == 0, done.stderr
    assert "with its keys, as of 20" in done.stdout
    assert last_run.read_last_run(elsewhere.home).restored_as_of == last_run.read_last_run(house.home).made_at
    before, rights_before = house.do(sealed), house.do(rights)
    assert before[0] == before[1] >= 4 * CONTACTS
    elsewhere.start()
    assert elsewhere.health()["status"] == "ok"
    assert elsewhere.do(sealed) == before
    assert elsewhere.do(rights) == rights_before
    ana = Staff(elsewhere)
    ana.sign_in()
    assert all(notes in ana.get(page) for page, notes in house.pages.items())
    assert "intact" in elsewhere.run("audit", "verify").stdout


def test_without_its_keys_it_serves_and_not_one_field_opens(house, safe, elsewhere):
    done = restore(elsewhere, house, safe)
    assert done.returncode == 0, done.stderr
    assert "WITHOUT the key store" in done.stdout
    elsewhere.start()
    there, opened = elsewhere.do(sealed)
    assert there >= 4 * CONTACTS
    assert opened == 0
    ana = Staff(elsewhere)
    assert "Traceback" not in ana.sign_in()
    for page in house.pages:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ana.get(page)
    anew = elsewhere.do(plant_one)  # and the line goes on
    assert next(iter(anew.values())) in ana.get(next(iter(anew)))
    assert "Traceback" not in elsewhere.log.read_text()


def plant_one() -> dict[str, str]:
    from amparo.foundation.access.models import Agency

    Agency.objects.filter(name=CONTROL).delete()
    return plant(1)


@pytest.fixture
def theirs(house, elsewhere):
    """The empty home works on a database that somebody else made, under other names, whose owner is no superuser."""
    server = DatabaseServer(house.home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        link.execute("create role their_owner login createrole createdb password 'invented'")
        link.execute("create database theirs owner their_owner template template0")
        elsewhere.settings["DATABASE_URL"] = f"postgresql://their_owner:invented@/theirs?host={server.socket_folder}"
        yield link
        elsewhere.stop()
        link.execute("drop database theirs with (force)")
        for name in [row[0] for row in link.execute("select rolname from pg_roles where rolname like 'their%'")]:
            link.execute(f"drop owned by {name}")
            link.execute(f"drop role {name}")


def test_into_a_database_of_another_name_and_owner_and_back_out(house, safe, elsewhere, theirs, tmp_path):
    done = restore(elsewhere, house, safe, "--keys", str(house.keys))
    assert done.returncode == 0, done.stderr
    assert without_order(elsewhere.start().do(rights)) == without_order(house.do(rights), renamed)
    elsewhere.settings["AMPARO_BACKUP_RECIPIENTS"] = safe.recipient
    folders = str(tmp_path / "data"), "--keys", str(tmp_path / "keys")
    blind = elsewhere.run("backup", *folders)  # the policies bind this owner: its backup would be empty
    assert blind.returncode == 2
    assert 'alter role "their_owner" bypassrls' in blind.stderr
    assert elsewhere.do(sealed) == (0, 0)
    theirs.execute("alter role their_owner bypassrls")
    assert elsewhere.do(sealed) == house.do(sealed)
    assert "87 of 87 sealed fields opened" in elsewhere.run("backup", *folders).stdout


def without_order(rows: list[tuple], name=str) -> list[tuple]:
    """Lists of privileges are in the order in which they were given."""
    return sorted((kind, name(what), sorted(re.split("[ ,]", name(how or "")))) for kind, what, how in rows)


def renamed(words: str) -> str:
    return re.sub(r"\bamparo_(?=[a-z]+\b)", "theirs_", words).replace("postgres", "their_owner")


def test_a_database_in_use_is_refused_and_stays(house, safe, elsewhere, theirs):
    with psycopg.connect(elsewhere.settings["DATABASE_URL"], autocommit=True) as link:
        link.execute("create table of_somebody_else ()")
        done = restore(elsewhere, house, safe, "--keys", str(house.keys))
        assert done.returncode == 2
        assert "holds tables already" in done.stderr
        link.execute("drop table of_somebody_else")
    assert is_untouched(elsewhere)


def test_the_data_alone_holds_no_key(house, safe, elsewhere, tmp_path):
    """Not even for whoever can open it; the control: the key store does."""
    from amparo.foundation.backup.files import decrypt_rows, read_head

    identities = (str(safe.identity),)
    data, keys, store = next(house.data.iterdir()), next(house.keys.iterdir()), house.do(key_store)
    assert not store.keys() & read_head(data, identities).rows.keys()
    assert read_head(data, identities).files == {}
    assert read_head(keys, identities).rows == store
    assert "django" in read_head(keys, identities).files
    with (tmp_path / "rows").open("wb") as rows:
        decrypt_rows(data, identities, rows)
    assert b"vault_datakey" in (tmp_path / "rows").read_bytes()


def key_store() -> dict[str, int]:
    from amparo.foundation.vault.models import Grant, Token

    return {"public.vault_grant": Grant.objects.count(), "public.vault_token": Token.objects.count()}


def test_what_was_forgotten_since_stays_forgotten_and_rights_of_a_hostile_backup_are_not_kept(
    house, safe, elsewhere, tmp_path
):
    """Old data with the newest key store; the control is the test above, where the same field opens.

    Somebody wrote rights of their own into the data, beside the mark that all rights had been given already.
    """
    it = Hotline()
    try:
        furnish(it.home)
        with it.database_alone():
            it.do(plant, 3)
            with psycopg.connect(DatabaseServer(it.home).url(), autocommit=True) as link:
                link.execute(HOSTILE)
            back_up(it, safe, tmp_path / "data", tmp_path / "old", "--no-check")
            it.do(forget_one)
            back_up(it, safe, tmp_path / "newer", tmp_path / "keys", "--no-check")
            was = it.do(sealed)
    finally:
        it.clear_away()
    it.data = tmp_path / "data"
    done = restore(elsewhere, it, safe, "--keys", str(tmp_path / "keys"))
    assert done.returncode == 0, done.stderr
    with elsewhere.database_alone():
        there, opened = elsewhere.do(sealed)
        found = [row for row in elsewhere.do(rights) if "of_a_stranger" not in row[1]]
        with psycopg.connect(DatabaseServer(elsewhere.home).url()) as link:
            [gate] = link.execute("select applied from acting.gate").fetchall()
            assert gate not in link.execute("select applied from of_a_stranger").fetchall()
            [secret] = link.execute("select inner_pad from acting.secret").fetchall()
    assert opened == was[1] < there
    assert found == house.do(rights)
    assert secret != (b"known",)


HOSTILE = """
create policy all_is_mine on contacts_contact using (true);
create policy all_is_mine on acting.secret using (true);
grant select on contacts_contact, acting.secret to public;
grant usage on schema acting to public;
create rule nothing_changes as on update to contacts_contact do instead nothing;
create table of_a_stranger () inherits (acting.gate);
insert into of_a_stranger select * from acting.gate;
create table more_of_a_stranger () inherits (acting.secret);
insert into more_of_a_stranger values ('known', 'known');
"""


def forget_one() -> None:
    from amparo.foundation.access.models import User
    from amparo.foundation.core.actor import acting_as
    from amparo.line.contacts.models import Contact

    with acting_as(User.objects.get(username="ana").acting()):
        Contact.objects.order_by("number").first().key.forget()


def test_how_far_it_is_stands_on_a_terminal_and_nowhere_else(capsys, monkeypatch):
    from amparo.foundation.backup import progress

    for is_terminal, expected in ((True, "the data: 10 %"), (False, "")):
        monkeypatch.setattr("sys.stderr.isatty", lambda yes=is_terminal: yes)
        with progress.ProgressLine("the data", total=100) as far:
            far.add(5)
            assert capsys.readouterr().err == ""  # nothing is said of what takes less than a second
            time.sleep(1.05)
            far.add(5)
            output = capsys.readouterr().err
        capsys.readouterr()  # the line is wiped
        assert expected in output
        assert bool(output) == is_terminal


def test_a_backup_waits_while_keys_are_rolled(house, safe, tmp_path):
    """Else it could hold copies under a key that was destroyed before it read the keys."""
    with (house.home / "run" / "roll.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with begun(house, safe, "backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys")) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(6)
            assert list(tmp_path.glob("*/*")) == []
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert process.wait(120) == 0
