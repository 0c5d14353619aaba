"""P15: no shelter's address appears anywhere but where a placement officer, or who of us brings somebody there, opened
it for an active placement; every look is written down before it is shown, and no consent releases it."""

from contextlib import suppress

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from amparo.care.shelters.house_rules import open_address, seal_address
from amparo.care.shelters.models import HouseAddress, Placement
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    decline_placement,
    leave_house,
    release_bed,
)
from amparo.foundation.access.models import Role
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Unreachable
from amparo.foundation.vault.models import DataKey, Grant

from .access import as_process, colleague, hotline
from .shelter import CANARY, Line, looks
from .test_p06_no_look_without_an_entry import HOW, broken

pytestmark = pytest.mark.django_db


def test_the_officer_and_the_escort_open_it_and_the_ledger_says_so_with_why(active):
    for user in (active.olga, active.ines):
        assert active.opened_by(user) == CANARY
    assert [(it.user_id, it.purpose, it.fields) for it in looks()] == [
        (active.olga.pk, "care", ["address"]), (active.ines.pk, "care", ["address"]),
    ]  # fmt: skip
    assert {it.key for it in looks()} == {active.placement.key_id}  # it stands in her file


def test_nobody_else_opens_it_and_an_escort_of_nothing_neither(active):
    another = colleague("oto", Role.PLACEMENT_OFFICER)
    for user in (active.ana, active.marta, active.stranger, active.luz):
        assert CANARY not in active.opened_by(user)
    assert active.opened_by(another) == CANARY  # every officer does an officer's work
    assert len(looks()) == 1


def test_only_while_the_placement_is_active(line):
    def reads() -> list[bool]:
        return [line.opened_by(user) == CANARY for user in (line.olga, line.ines)]

    assert reads() == [False, False]
    line.ask()
    assert reads() == [False, False]
    approve_placement(line.placement, by=line.olga, now=line.now)
    assert reads() == [True, True]
    arrive(line.placement, by=line.luz, now=line.now)
    assert reads() == [True, True]
    leave_house(line.placement.ordered_stays[0], by=line.ana, now=line.now)
    assert reads() == [False, False]


@pytest.mark.parametrize("end", ["release", "decline", "run out"])
def test_an_approval_that_came_to_nothing_opens_nothing(active, end):
    if end == "release":
        release_bed(active.placement, by=active.ana, now=active.now)
    elif end == "decline":
        decline_placement(active.placement, reason="invented", by=active.olga, now=active.now)
    else:
        with connection.cursor() as cursor:
            for table, column in (("shelters_occupancy", "period"), ("shelters_stay", "reserved")):
                cursor.execute(
                    f"update {table} set {column} = tstzrange(lower({column}) - interval '1 hour', lower({column}))"
                )
    assert CANARY not in active.opened_by(active.olga)


def test_nobody_becomes_the_escort_of_what_two_approved(active):
    with pytest.raises(DatabaseError, match="was approved, and stays"), acting_as(active.ana.acting()):
        Placement.objects.filter(pk=active.placement.pk).update(escort_user=active.ana)


def test_without_a_purpose_nothing_is_opened(active):
    with acting_as(active.olga.acting()), connection.cursor() as cursor:
        cursor.execute("select * from shelters_open_address(%s)", [active.placement.pk])
        assert cursor.fetchall() == []


def test_a_new_address_destroys_the_former_one(active):
    former = HouseAddress.objects.get().key_id
    seal_address(active.house, "Jirón Nuevo Inventado 1", by=active.olga, now=active.now)
    assert active.opened_by(active.olga) == "Jirón Nuevo Inventado 1"
    assert not Grant.objects.filter(key=former).exists()
    assert DataKey.objects.get(pk=former).forgotten_at


def test_the_copy_of_its_key_is_held_by_a_role_that_nobody_has(active):
    assert Grant.objects.get(key=HouseAddress.objects.get().key_id).holder == f"{hotline().pk}:address"
    assert "address" not in Role.values


# SQL that somebody injects into a page of ours.

READING = (
    "select count(*) from vault_grant where key_id = %(key)s",
    "select count(*) from vault_grant where holder like '%%:address'",
)
REFUSED = (
    "select count(*) from shelters_houseaddress",
    "update shelters_houseaddress set house_id = house_id",
    "delete from shelters_houseaddress",
    "select vault_give(%(key)s, 'u%(user)s', 1, '', null, '8000-01-01')",
    "select vault_make_key_beside(gen_random_uuid(), %(key)s, 'x', 'x', 'x')",
    "select vault_take(%(key)s, '1:address')",
    "select vault_forget(%(key)s)",
    "set role postgres",
)


@pytest.mark.django_db(transaction=True)
def test_sql_in_a_page_reads_neither_row_nor_key_whoever_acts():
    line = Line()
    line.approve()
    key = HouseAddress.objects.get(house=line.house).key_id
    for user in line.everybody:
        values = {"key": key, "user": user.pk}
        for statement in READING:
            with as_process("web", user.acting("care")) as link:
                assert link.execute(statement, values).fetchone() == (0,), (user, statement)
        for statement in REFUSED:
            with as_process("web", user.acting("care")) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(statement.replace("%(user)s", str(user.pk)), values)
        if user not in (line.olga, line.ines):
            with as_process("web", user.acting("care")) as link:
                found = link.execute("select * from shelters_open_address(%s)", [line.placement.pk]).fetchall()
                assert found == [], user


@pytest.mark.django_db(transaction=True)
def test_the_control_an_open_policy_shows_the_row():
    line = Line()
    with connection.cursor() as cursor:
        cursor.execute("create policy leak on shelters_houseaddress for select using (true)")
        cursor.execute(f'grant select on shelters_houseaddress to "{connection.settings_dict["NAME"]}_web"')
    try:
        with as_process("web", line.stranger.acting()) as link:
            assert link.execute(REFUSED[0]).fetchone()[0] > 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop policy leak on shelters_houseaddress")
            cursor.execute(f'revoke select on shelters_houseaddress from "{connection.settings_dict["NAME"]}_web"')


@pytest.mark.parametrize("how", HOW[:2])
@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_refuses_opens_nothing(how):
    line = Line()
    line.approve()
    with broken(how), pytest.raises((Unreachable, DatabaseError)):
        open_address(line.placement, purpose=Purpose.CARE, by=line.olga, now=line.now)
    assert looks() == []


GOES_BACK = (
    ("left", {"state": "in_house"}), ("approved", {"requested_by": None, "approved_by": None, "state": "reserved"}),
)  # fmt: skip


@pytest.mark.parametrize(("state", "columns"), GOES_BACK, ids=["it was over", "nobody has asked"])
def test_sql_brings_no_placement_back_to_where_an_address_opens(active, state, columns):
    if state == "left":
        arrive(active.placement, by=active.luz, now=active.now)
        leave_house(active.placement.ordered_stays[0], by=active.ana, now=active.now)
    if "approved_by" in columns:
        columns = columns | {"approved_as": ""}
    with pytest.raises(DatabaseError, match="stays"), acting_as(active.olga.acting()):
        Placement.objects.filter(pk=active.placement.pk).update(**columns)
    assert Placement.objects.get().state == state


def test_nobody_becomes_the_escort_by_taking_the_state_back_for_a_moment(active):
    """Approved, held, another escort, approved again: each step alone is somebody's to write."""
    with acting_as(active.ana.acting()), suppress(DatabaseError), transaction.atomic():
        for columns in ({"state": "reserved"}, {"escort_user": active.ana}, {"state": "approved"}):
            Placement.objects.filter(pk=active.placement.pk).update(**columns)
    assert active.opened_by(active.ana) != CANARY
