"""P2: SQL that somebody injects cannot read another's rows, delete, or switch the gate off."""

import psycopg
import pytest

from .access import as_process, colleague, contact_of

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOADS = [
    "select count(*) from contacts_contact where id <> %(own)s union all select 0",
    "set local row_security = off; select count(*) from contacts_contact",
    "reset role; select count(*) from contacts_contact where id <> %(own)s",
    "set role postgres; select count(*) from contacts_contact",
    "set session authorization postgres; select count(*) from contacts_contact",
    "set local amparo.acting = '%(other)s:1:hotline/operator::1:9999999999|00'; select count(*) from contacts_contact",
    "set local amparo.acting = ''; select count(*) from contacts_contact",
    "select count(*) from acting.secret",
    "delete from contacts_contact",
    "truncate contacts_contact cascade",
    "alter table contacts_contact disable row level security",
    "drop policy reads on contacts_contact",
    "copy contacts_contact to program 'cat'",
    "insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)"
    " select key_id, 'u%(me)s', 1, 1, '', now(), '9000-01-01', wrapped, wrapping_key from vault_grant",
    "select vault_give((select max(key_id::text)::uuid from vault_grant), 'u%(me)s', 1, '', null, '9000-01-01')",
    "select vault_give(k.id, 'u%(me)s', 1, '', null, '9000-01-01') from vault_datakey k",
    "select vault_forget(id) from vault_datakey",
    "select contacts_let_in(%(their)s)",
    "select pg_read_file('postgresql.conf')",
    "create function public.me() returns int language sql security definer as 'select 1'",
    "create table public.mine as select * from contacts_contact where id <> %(own)s; select count(*) from mine",
]


@pytest.fixture
def ana():
    return colleague("ana")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_stays_inside_what_its_author_may_see(ana, payload):
    own, rufino = contact_of(ana, notes="hers"), colleague("rufino")
    their = contact_of(rufino, notes="his")
    values = {"own": f"'{own.pk}'", "their": f"'{their.pk}'", "other": rufino.pk, "me": ana.pk}
    with as_process("web", ana.acting()) as link:
        try:
            rows = link.execute(payload % values).fetchall()
        except psycopg.Error:
            rows = []
        link.rollback()
    assert all(row[0] in (0, None, "") for row in rows)
    with as_process("web", rufino.acting()) as link:  # his is still there, and still his alone
        assert link.execute("select id from contacts_contact").fetchall() == [(their.pk,)]
    with as_process("web", ana.acting()) as link:
        assert link.execute("select id from contacts_contact").fetchall() == [(own.pk,)]


def test_the_control_a_payload_by_who_may_see_it_is_answered(ana):
    own = contact_of(ana)
    with as_process("web", ana.acting()) as link:
        assert link.execute("select id from contacts_contact").fetchall() == [(own.pk,)]


def test_the_context_of_one_connection_is_worth_nothing_on_another(ana):
    contact_of(ana)
    with as_process("web", ana.acting()) as link, as_process("web") as other:
        stolen = link.execute("select current_setting('amparo.acting')").fetchone()[0]
        other.execute("select set_config('amparo.acting', %s, true)", [stolen])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is over"):
            other.execute("select count(*) from contacts_contact")


def test_a_changed_context_is_refused(ana):
    contact_of(ana)
    with as_process("web", ana.acting()) as link:
        own = link.execute("select current_setting('amparo.acting')").fetchone()[0]
        link.execute("select set_config('amparo.acting', %s, true)", [own.replace("operator", "supervisor")])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not signed"):
            link.execute("select count(*) from contacts_contact")
