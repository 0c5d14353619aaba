"""P2: SQL that somebody injects cannot read another's rows, delete, or switch row-level security off."""

from typing import Any

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from amparo.foundation.access.models import EnrolmentCode, Role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import conninfo

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
    "select contacts_grant_keys(%(their)s)",
    "select pg_read_file('postgresql.conf')",
    "create function public.me() returns int language sql security definer as 'select 1'",
    "create table public.mine as select * from contacts_contact where id <> %(own)s; select count(*) from mine",
    "create temp table mine as select * from contacts_contact; select 1",
    "update access_user set role = 'supervisor' where id = %(me)s returning 1",
    "update access_agency set kind = 'police' returning 1",
    "insert into access_user (username, password, first_name, last_name, email, role, agency_id, is_active, is_staff,"
    " is_superuser, is_invented, date_joined) values ('x', '', '', '', '', 'supervisor', 1, true, false, false, false,"
    " now()) returning 1",
    "update access_enrolmentcode set used_at = now();"
    " insert into access_enrolmentcode (user_id, digest, made_at, expires_at)"
    " values (%(other)s, 'known to me', now(), now() + interval '1 day') returning 1",
    "update access_enrolmentcode set digest = 'known to me' where user_id = %(other)s returning 1",
    "insert into mfa_authenticator (user_id, type, data, created_at)"
    " values (%(other)s, 'webauthn', '{}', now()) returning 1",
    "update mfa_authenticator set data = '{\"mine\": 1}' where user_id = %(other)s returning 1",
    "update mfa_authenticator set user_id = %(other)s where user_id = %(me)s returning 1",
    "set local amparo.acting = ''; insert into mfa_authenticator (user_id, type, data, created_at)"
    " values (%(other)s, 'webauthn', '{}', now()) returning 1",
]
# As if a call of theirs had left a message, which I took: a table of mine, that a function may find before ours.
SHADOW = (
    "create temp table switchboard_message as select id as call_id, %(me)s as taken_by_id from switchboard_call;"
    " grant select on switchboard_message to public; select contacts_grant_keys(%(their)s)"
)


@pytest.fixture
def ana():
    return colleague("ana")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_stays_inside_what_its_author_may_see(ana, payload):
    own, rufino = contact_of(ana, notes="hers"), colleague("rufino")
    their = contact_of(rufino, notes="his")
    for person in (ana, rufino):
        Authenticator.objects.create(user=person, type="webauthn", data={"name": "key on the ring"})
        EnrolmentCode.make(person, timezone.now())
    values = {"own": f"'{own.pk}'", "their": f"'{their.pk}'", "other": rufino.pk, "me": ana.pk}
    with as_process("web", ana.acting()) as link:
        try:
            rows = answers(link.execute(payload % values))
        except psycopg.Error:
            rows = []
        link.rollback()
    assert all(row[0] in (0, None, "") for row in rows)
    with as_process("web", rufino.acting()) as link:  # his is still there, and still his alone
        assert link.execute("select id from contacts_contact").fetchall() == [(their.pk,)]
    with as_process("web", ana.acting()) as link:
        assert link.execute("select id from contacts_contact").fetchall() == [(own.pk,)]


def answers(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    """Of every statement of a payload: psycopg itself tells of the first, and the harm is in the second."""
    rows = cursor.fetchall() if cursor.description else []
    return rows + answers(cursor) if cursor.nextset() else rows


def test_the_control_a_payload_by_who_may_see_it_is_answered(ana):
    own = contact_of(ana)
    with as_process("web", ana.acting()) as link:
        assert answers(link.execute("select id from contacts_contact")) == [(own.pk,)]
        assert answers(link.execute("set local timezone = 'UTC'; select id from contacts_contact")) == [(own.pk,)]


def test_a_table_of_ones_own_is_not_taken_for_ours(ana):
    """Even where the administrator of a database lets everybody make some."""
    contact_of(ana)
    their = contact_of(colleague("rufino"))
    with connection.cursor() as cursor:
        cursor.execute(f'grant temporary on database "{connection.settings_dict["NAME"]}" to public')
    try:
        with as_process("web", ana.acting()) as link:
            assert answers(link.execute(SHADOW % {"me": ana.pk, "their": f"'{their.pk}'"})) == [(None,)]
            link.rollback()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'revoke temporary on database "{connection.settings_dict["NAME"]}" from public')


def test_the_context_of_one_connection_is_worth_nothing_on_another(ana):
    contact_of(ana)
    with as_process("web", ana.acting()) as link, as_process("web") as other:
        stolen = link.execute("select current_setting('amparo.acting')").fetchone()[0]
        other.execute("select set_config('amparo.acting', %s, true)", [stolen])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is over"):
            other.execute("select count(*) from contacts_contact")


def test_what_somebody_is_changes_by_an_administrator_alone(ana):
    """The control of the payloads that would: she may, where she works."""
    pilar = colleague("pilar", Role.ADMINISTRATOR)
    code = "insert into access_enrolmentcode (user_id, digest, made_at, expires_at) values (%s, 'x', now(), now())"
    own = "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, 'webauthn', '{}', now())"
    with as_process("web", pilar.acting()) as link:
        assert answers(link.execute(f"{code} returning 1", [ana.pk])) == [(1,)]
        assert answers(link.execute(f"{own} returning 1", [pilar.pk])) == [(1,)]


def test_a_changed_context_is_refused(ana):
    contact_of(ana)
    with as_process("web", ana.acting()) as link:
        own = link.execute("select current_setting('amparo.acting')").fetchone()[0]
        link.execute("select set_config('amparo.acting', %s, true)", [own.replace("operator", "supervisor")])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not signed"):
            link.execute("select count(*) from contacts_contact")


def test_who_looks_at_what_others_ask_finds_no_context(ana):
    """What is signed for a connection is good for it for hours: nobody may read it off another's statement."""
    with acting_as(ana.acting()), psycopg.connect(conninfo(), autocommit=True) as owner:
        query = "select query from pg_stat_activity where query ~ 'amparo.acting' and pid <> pg_backend_pid()"
        assert [text for (text,) in owner.execute(query) if "hotline/operator" in text] == []
        with connection.cursor() as cursor:  # the control: with its values written into it, as Django sends by itself
            psycopg.ClientCursor(cursor.connection).execute("select 'amparo.acting', %s", ["hotline/operator"])
        assert [text for (text,) in owner.execute(query) if "hotline/operator" in text]
