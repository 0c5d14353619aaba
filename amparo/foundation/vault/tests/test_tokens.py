import pytest
from django.db import connection

from amparo.foundation.access.models import Kind as AgencyKind
from amparo.foundation.access.models import Role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import Token
from tests.keys import key_for
from tests.test_promises.access import agency, colleague

pytestmark = pytest.mark.django_db
NUMBER, NAME = Token.Kind.NUMBER, Token.Kind.NAME


@pytest.fixture
def ana(db):
    return colleague("ana")


@pytest.fixture
def marta(db):
    return colleague("marta", Role.SUPERVISOR)


def record(user, kind=NUMBER, text="987 654 321"):
    key = key_for(user)
    with acting_as(user.acting()):
        tokens.store_tokens(key, kind, text)
    return key


def found(user, text, kind=NUMBER):
    return set(tokens.search_records(kind, text, acting=user.acting("return_call")))


def test_a_number_is_found_however_it_is_written(ana):
    key = record(ana)
    assert found(ana, "+51987654321") == {key.pk}
    assert found(ana, "987654322") == set()


def test_the_table_holds_no_digit_of_a_number(ana):
    record(ana)
    with connection.cursor() as cursor:
        cursor.execute("select t::text, encode(token, 'hex') from vault_token t")
        rows = cursor.fetchall()
    assert len(rows) == 1
    assert "987654321" not in str(rows)
    assert len(bytes(Token.objects.get().token)) == 16


def test_a_person_is_found_by_two_of_their_names(ana):
    key = record(ana, NAME, "María Fernanda Quispe Huamán")
    assert found(ana, "guaman maria", NAME) == {key.pk}
    assert found(ana, "María Mamani", NAME) == set()
    assert found(ana, "María Quispe Mamani", NAME) == set()


def test_a_search_finds_only_records_whose_key_is_held(ana, marta):
    record(ana)
    rufino, key = colleague("rufino"), None
    assert found(rufino, "987654321") == set()
    key = record(rufino)
    assert found(rufino, "987654321") == {key.pk}
    assert len(found(marta, "987654321")) == 2


def test_another_agency_has_other_tokens_for_the_same_number(ana):
    police = colleague("sargento", Role.POLICE_LIAISON, agency(AgencyKind.POLICE))
    record(ana), record(police)
    assert len({bytes(t.token) for t in Token.objects.all()}) == 2
    assert len({t.made_with for t in Token.objects.all()}) == 2


def test_a_search_needs_a_purpose_and_the_full_number(ana):
    with pytest.raises(Refused):
        tokens.search_records(NUMBER, "987654321", acting=ana.acting())
    with pytest.raises(Refused):
        tokens.search_records(NUMBER, "9876", acting=ana.acting("return_call"))


def test_a_changed_number_is_found_and_the_old_one_no_longer(ana):
    key = record(ana)
    with acting_as(ana.acting()):
        tokens.store_tokens(key, NUMBER, "912345678")
        tokens.store_tokens(key, NUMBER, "912345678")
    assert found(ana, "987654321") == set()
    assert found(ana, "912345678") == {key.pk}
    with acting_as(ana.acting()):
        tokens.store_tokens(key, NUMBER, None)
    assert not Token.objects.exists()


def test_tokens_die_with_the_key(ana):
    key = record(ana)
    with acting_as(ana.acting()):
        key.forget()
    assert not Token.objects.exists()


def test_under_the_gate_the_index_is_used(ana):
    """Equality of bytes is leakproof; a function that is not would make PostgreSQL read the complete table first."""
    key = record(ana)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into vault_token (key_id, kind, token, made_with) select %s, 'number', decode(md5(n::text), 'hex'),"
            " 'x' from generate_series(1, 20000) n",
            [key.pk],
        )
        cursor.execute("analyze vault_token")
    with acting_as(ana.acting()), connection.cursor() as cursor:
        assert "tokens_by_value" in plan(cursor, "token = decode(md5('7'), 'hex')")
        assert "tokens_by_value" not in plan(cursor, "encode(token, 'hex') like '8f%'")  # the control


def plan(cursor, condition: str) -> str:
    cursor.execute(f"explain select key_id from vault_token where {condition}")
    return "\n".join(row[0] for row in cursor.fetchall())
