"""The benchmarks make their rows by SQL of their own; here it makes six cases (bench/caseload.py)."""

from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg.errors import NotNullViolation

from amparo.care.cases.models import Case
from amparo.line.contacts.models import Contact
from bench import caseload

pytestmark = pytest.mark.django_db
SEQUENCES = ("cases_number", "contacts_number", "people_number", "entries_number")


@pytest.fixture
def keeps_sequences(db: None) -> Iterator[None]:
    """Let later tests count on: no rollback takes back what the load sets."""
    with connection.cursor() as cursor:
        before = {}
        for name in SEQUENCES:
            cursor.execute(f"select last_value, is_called from {name}")
            before[name] = cursor.fetchone()
        yield
        for name, (last, is_called) in before.items():
            cursor.execute("select setval(%s, %s, %s)", [name, last, is_called])


@pytest.mark.usefixtures("keeps_sequences")
def test_cases_are_loaded_and_the_newest_can_be_opened(ana):
    caseload.fill(6, [ana.pk])
    assert (Case.objects.count(), Contact.objects.count()) == (6, 6 * caseload.A_CASE)
    caseload.seal([6])
    assert Case.objects.get(number=6).situation == caseload.SITUATION


def test_a_column_without_a_default_would_stop_the_load(ana):
    with connection.cursor() as cursor:
        cursor.execute("alter table contacts_contact add invented varchar(20) not null")
    with pytest.raises(NotNullViolation, match="invented"):
        caseload.fill(1, [ana.pk])


def test_columns_of_a_contact_that_may_be_blank_have_a_default_in_the_database():
    blank = [field for field in Contact._meta.fields if field.blank and not field.null and not field.is_relation]
    assert "urgency" in {field.name for field in blank}
    assert [field.name for field in blank if not field.has_db_default()] == []
