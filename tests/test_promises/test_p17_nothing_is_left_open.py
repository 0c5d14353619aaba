"""P17: a table without a policy, a page without a permission, a sealed field without a key fails the build."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models
from django.urls import URLPattern, URLResolver

from amparo.foundation.core import row_security, schema
from amparo.foundation.core.actor import PROCESSES
from amparo.foundation.vault.fields import SealedBytes
from amparo.foundation.vault.models import DataKey
from amparo.urls import staff_urls

# Who signs in is nobody yet; the stream asks by itself.
WITHOUT_A_PERSON = {
    "first-link",
    "sign-in", "account_login", "sign-in-passkey", "mfa_authenticate", "second-passkey", "enter", "sign-out",
    "live-console", "live-pages", "manual", "manual-address", "manual-page",
    "calendar-feed",
}  # fmt: skip


def silent_models(found: list[type[models.Model]]) -> list[str]:
    """Tables of ours that do not say who may read them."""
    return [m.__name__ for m in found if m.__module__.startswith("amparo.") and row_security.policy_of(m) is None]


def pages(urls: list[URLPattern | URLResolver]) -> list[URLPattern]:
    return [p for u in urls for p in (pages(u.url_patterns) if isinstance(u, URLResolver) else [u])]


def pages_for_anybody(found: list[URLPattern]) -> list[str]:
    return [str(p.name) for p in found if not hasattr(p.callback, "may") and p.name not in WITHOUT_A_PERSON]


def keyless(found: list[type[models.Model]]) -> list[str]:
    """Sealed fields of tables without a data key, or whose rows are visible to people who do not hold it."""
    return [
        f"{m.__name__}.{field.name}"
        for m in found
        for field in m._meta.get_fields()
        if isinstance(field, SealedBytes)
        and not (
            any(f.name == "key" and f.related_model is DataKey for f in m._meta.get_fields())
            and row_security.policy_of(m)
        )
    ]


def test_every_table_says_who_may_read_it():
    assert silent_models(apps.get_models(include_auto_created=True)) == []


def test_every_staff_page_says_who_may_open_it():
    found = pages(staff_urls)
    assert len(found) > 30
    assert pages_for_anybody(found) == []


def test_every_sealed_field_has_its_key():
    assert keyless(apps.get_models()) == []


def test_the_controls_are_found():
    class Unsaid(models.Model):
        words = SealedBytes(null=True)

        class Meta:
            app_label = "contacts"

        def __str__(self) -> str:
            return "unsaid"

    Unsaid.__module__ = "amparo.line.contacts.models"
    del apps.all_models["contacts"]["unsaid"]
    apps.clear_cache()
    assert silent_models([Unsaid]) == ["Unsaid"]
    assert keyless([Unsaid]) == ["Unsaid.words"]
    assert pages_for_anybody([URLPattern(None, lambda request: None, name="forgotten")]) == ["forgotten"]


@pytest.mark.django_db
def test_every_table_of_ours_is_forced_shut():
    """Row security binds the owner of the table too. Tables of libraries are closed by privileges alone, and listed in
    the gate.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, relrowsecurity and relforcerowsecurity from pg_class"
            " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        )
        shut = dict(cursor.fetchall())
    open_tables = {
        table for table, forced in shut.items() if not forced and not table.startswith(tuple(row_security.LIBRARIES))
    }
    assert open_tables == set()
    assert shut["contacts_contact"]
    assert not shut["mfa_authenticator"]


@pytest.mark.django_db
def test_no_process_owns_anything_or_may_look_past_a_policy():
    with connection.cursor() as cursor:
        roles = [f"{connection.settings_dict['NAME']}_{process}" for process in PROCESSES]
        cursor.execute(
            "select count(*) from pg_roles where rolname = any (%s) and not"
            " (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
            [roles],
        )
        assert cursor.fetchone() == (len(PROCESSES),)
        cursor.execute("select relname from pg_class where pg_get_userbyid(relowner) = any (%s)", [roles])
        assert cursor.fetchall() == []
        cursor.execute(
            "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
            " and proowner <> (select oid from pg_roles where rolname = current_database() || '_gatekeeper')"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_no_function_that_looks_past_policies_finds_a_table_of_somebodys_own_first():
    with connection.cursor() as cursor:
        cursor.execute(
            "select oid::regprocedure::text from pg_proc where prosecdef"
            " and pronamespace::regnamespace::text in ('public', 'audit', 'oversight')"
            " and not coalesce(array_to_string(proconfig, ' '), '') ~ 'pg_temp$'"
        )
        assert cursor.fetchall() == []


@pytest.fixture
def changed(db):
    """As after a release that changed a function: it is the owner's, and everybody may call it."""
    row_security.apply_row_security()
    with connection.cursor() as cursor:
        keeper = f"{connection.settings_dict['NAME']}_{row_security.KEEPER}"
        cursor.execute(f'grant "{keeper}" to current_user with inherit true')
        cursor.execute(
            "alter function vault_close owner to current_user; grant execute on function vault_close to public"
        )
        cursor.execute("create function stale() returns int language sql as 'select 1'")
        cursor.execute("insert into django_migrations (app, name, applied) values ('later', '0001_later', now())")


STANDS = """
select pg_get_userbyid(f.proowner) = %(keeper)s, proacl::text like '%%,=X/%%' or proacl is null,
    (select bool_or(inherit_option) from pg_auth_members
     where roleid = %(keeper)s::regrole and member = current_user::regrole)
from pg_proc f where proname = 'vault_close'"""


def how_it_stands() -> tuple[bool, bool, bool]:
    """Whether the keeper has it, everybody may call it, and the tables' owner may still change it."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, {"keeper": f"{connection.settings_dict['NAME']}_{row_security.KEEPER}"})
        return cursor.fetchone()


def test_a_changed_function_is_handed_over_and_nobody_elses(changed):
    assert how_it_stands() == (False, True, True)  # the control
    row_security.apply_row_security()
    assert how_it_stands() == (True, False, False)


def test_a_function_that_no_file_makes_any_more_is_dropped(changed):
    assert "stale" in functions()  # the control
    row_security.apply_row_security()
    assert "stale" not in functions()
    assert functions() >= {
        thing.name for thing in schema.schema_objects() if thing.kind == "function" and "." not in thing.name
    }


def functions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select proname from pg_proc where pronamespace = 'public'::regnamespace")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def cut_off(transactional_db):
    """Rights are brought to what the models say, and that fails: a column of theirs is not there. Then it is again."""
    row_security.apply_row_security()
    with connection.cursor() as cursor:
        cursor.execute("insert into django_migrations (app, name, applied) values ('later', '0001_later', now())")
        cursor.execute("alter table consent_consent rename column data to gone")
        with pytest.raises(ProgrammingError):
            row_security.apply_row_security()
        cursor.execute("alter table consent_consent rename column gone to data")
        cursor.execute("delete from django_migrations where app = 'later'")


def test_what_was_cut_off_half_way_is_done_from_the_beginning(cut_off):
    """Though everything is again as it was when rights were last whole."""
    row_security.apply_row_security()
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege(current_database() || '_web', 'referrals_referral', 'select')")
        assert cursor.fetchone() == (True,)
