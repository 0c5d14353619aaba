"""A publisher counts a finished quarter over all rooms; only numbers leave them."""

import hashlib
from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.picklists import IN_TIME, LATE, NOT_SAID
from amparo.figures.snapshot.rules import count_months, newest_countable_quarter
from amparo.figures.snapshot.tables import OF_CONTACTS, Table
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SUBSTANTIVE, Channel, State, Type
from tests.test_promises.access import as_process

pytestmark = pytest.mark.django_db


def counted(snapshot: Snapshot, table: Table) -> dict[str, int]:
    return {cell: count for cell, count in snapshot.counts_of(table).items() if count}


def test_contacts_are_counted_by_department_type_and_channel(called, paula, quarter, now):
    called(3, "150101")
    called(2, "08", Type.REPORT, channel=Channel.CHAT)
    called(1)
    snapshot = count_months(quarter, by=paula, now=now)
    assert counted(snapshot, Table.BY_DEPARTMENT) == {"15": 3, "08": 2, NOT_SAID: 1}
    assert counted(snapshot, Table.BY_TYPE) == {"crisis": 4, "report": 2}
    assert counted(snapshot, Table.BY_CHANNEL) == {"call": 4, "chat": 2}
    assert {table: sum(snapshot.counts_of(table).values()) for table in OF_CONTACTS} == dict.fromkeys(OF_CONTACTS, 6)


def test_an_unknown_place_code_counts_as_not_said(called, paula, quarter, now):
    called(2, "99")
    assert counted(count_months(quarter, by=paula, now=now), Table.BY_DEPARTMENT) == {NOT_SAID: 2}


@pytest.mark.parametrize("type", sorted(set(Type) - SUBSTANTIVE))
def test_contacts_without_substance_are_not_counted(called, paula, quarter, now, type):
    called(1, "15", type)
    assert count_months(quarter, by=paula, now=now).counts == {}


def test_every_substantive_type_is_counted(called, paula, quarter, now):
    for type in SUBSTANTIVE:
        called(1, "15", type)
    assert set(counted(count_months(quarter, by=paula, now=now), Table.BY_TYPE)) == SUBSTANTIVE


def test_open_contacts_are_not_counted(called, paula, quarter, now):
    called(1, "15", state=State.OPEN)
    assert count_months(quarter, by=paula, now=now).counts == {}


WINTER = Quarter(date(2024, 7, 1))


def test_a_quarter_begins_and_ends_at_midnight_here(called, paula, now):
    called(1, "01", at=datetime(2024, 7, 1, 4, 59, tzinfo=UTC))  # the last minute of June, in Lima
    called(1, "02", at=datetime(2024, 7, 1, 5, 0, tzinfo=UTC))
    called(1, "03", at=datetime(2024, 10, 1, 4, 59, tzinfo=UTC))
    called(1, "04", at=datetime(2024, 10, 1, 5, 0, tzinfo=UTC))
    assert counted(count_months(WINTER, by=paula, now=now), Table.BY_DEPARTMENT) == {"02": 1, "03": 1}


def test_contacts_are_counted_by_the_month_they_began_in(called, paula, now):
    called(1, at=datetime(2024, 7, 1, 5, 0, tzinfo=UTC))
    called(2, at=datetime(2024, 8, 1, 5, 0, tzinfo=UTC))
    called(4, at=datetime(2024, 9, 1, 5, 0, tzinfo=UTC))
    called(8, at=datetime(2024, 9, 1, 4, 59, tzinfo=UTC))  # the last minute of August, in Lima
    snapshot = count_months(WINTER, by=paula, now=now)
    assert counted(snapshot, Table.BY_MONTH) == {"first": 1, "second": 10, "third": 4}


def test_a_quarter_is_counted_three_days_after_its_end(paula):
    with pytest.raises(Refused, match="three days"):
        count_months(WINTER, by=paula, now=datetime(2024, 10, 4, 4, 59, tzinfo=UTC))
    assert newest_countable_quarter(datetime(2024, 10, 4, 4, 59, tzinfo=UTC)) == WINTER.previous
    assert newest_countable_quarter(datetime(2024, 10, 4, 5, 0, tzinfo=UTC)) == WINTER


def test_the_database_also_refuses_a_quarter_that_is_not_over(paula):
    with pytest.raises(IntegrityError, match="three days"), acting_as(paula.acting()), connection.cursor() as cursor:
        cursor.execute("select snapshot_take('2099-01-01', 3, 'America/Lima', now())")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PUBLISHER}))
def test_other_roles_cannot_count(quarter, now, role):
    somebody = User.objects.create(username="somebody", role=role)
    with pytest.raises(Refused):
        count_months(quarter, by=somebody, now=now)
    with pytest.raises(ProgrammingError, match="only"), acting_as(somebody.acting()), connection.cursor() as cursor:
        cursor.execute("select snapshot_take(%s, 3, 'America/Lima', now())", [quarter.first])


def test_a_publisher_of_another_institution_cannot_count(quarter, now):
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    with pytest.raises(Refused):
        count_months(quarter, by=User.objects.create(username="x", role=Role.PUBLISHER, agency=ministry), now=now)


def test_a_publisher_sees_no_contact(called, paula, quarter, now):
    called(2, "15")
    count_months(quarter, by=paula, now=now)
    with acting_as(paula.acting()):
        assert not Contact.objects.exists()
        assert Snapshot.objects.count() == 1


def test_the_checksum_matches_the_stored_counts(called, paula, quarter, now):
    called(12, "15")
    snapshot = count_months(quarter, by=paula, now=now)
    with acting_as(paula.acting()), connection.cursor() as cursor:
        cursor.execute("select counts::text from snapshot_snapshot")
        (text,) = cursor.fetchone()
    assert snapshot.checksum == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_the_web_role_cannot_add_change_or_delete_snapshots(paula, quarter, now):
    count_months(quarter, by=paula, now=now)
    for statement in (
        "update snapshot_snapshot set counts = '{}'",
        "delete from snapshot_snapshot",
        "insert into snapshot_snapshot (first_day, counts, checksum, taken_at, taken_by_id)"
        f" values ('2024-07-01', '{{}}', '', now(), {paula.pk})",
    ):
        with as_process("web", paula.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(statement)


def test_counts_that_do_not_match_their_checksum_are_refused(paula, quarter, now):
    count_months(quarter, by=paula, now=now)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table snapshot_snapshot no force row level security")
        with pytest.raises(Exception, match="counts_are_what_they_were_summed_to"), transaction.atomic():
            cursor.execute("""update snapshot_snapshot set counts = '{"contacts_by_type": {"crisis": 99}}'""")
        cursor.execute("alter table snapshot_snapshot force row level security")


@pytest.mark.parametrize("table", Table)
def test_every_cell_of_a_table_is_hidden_in_its_turn_and_has_words(table):
    assert sorted(table.cells) == sorted(table.definition.cells)


def test_a_department_not_said_is_hidden_first_and_routes_begin_or_end_here():
    assert Table.REPORTS.cells == (LATE, IN_TIME)
    assert (len(Table.BY_DEPARTMENT.cells), Table.BY_DEPARTMENT.cells[0]) == (26, NOT_SAID)
    assert len(Table.ROUTES.cells) == 1 + 25 * 25 + 2 * 25 * 6


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 3, 31), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_each_day_belongs_to_one_quarter(day, first, after):
    assert (Quarter.of(day).first, Quarter.of(day).first_day_after) == (first, after)


def test_a_quarter_is_shown_by_its_months():
    assert str(WINTER) == "July to September 2024"
    assert str(WINTER.previous) == "April to June 2024"
