"""People who may open a file may read its entries; the auditor reads every entry, and nobody else does."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation

from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.presentation import lines_of_entries
from amparo.foundation.audit.rules import append, entries_about, entries_before

from .conftest import acting

pytestmark = pytest.mark.django_db

MINE, OTHER = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
def written() -> None:
    """Two reads of each of two files by an operator of the hotline, one by the police."""
    for file in (MINE, OTHER):
        with acting(user=7, purpose="call"):
            append("look", f"contact {file}", ["notes"], key=file)
            append("look", f"contact {file}", ["notes"], key=file)
        with acting(user=8, role="police/investigator", purpose="referral"):
            append("look", f"contact {file}", ["safe_number"], key=file)


@pytest.fixture
def may_open_mine(written) -> None:
    """Stand in for the vault's answer: user 7 has the key of one file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "create or replace function audit.may_open(file uuid) returns boolean language sql stable"
            f" as $$ select acting.user_id() = 7 and file = '{MINE}' $$"
        )


def test_who_may_open_a_file_reads_who_opened_it_newest_first(may_open_mine):
    with acting(user=7):
        entries = entries_about([MINE, OTHER])
    assert [(entry.user_id, entry.key) for entry in entries] == [(8, MINE), (7, MINE), (7, MINE)]


def test_a_stranger_reads_nothing(may_open_mine):
    with acting(user=9):
        assert entries_about([MINE, OTHER]) == []
        assert entries_before() == []


def test_without_a_context_nothing_is_read(may_open_mine):
    assert entries_about([MINE, OTHER]) == []
    assert entries_before() == []


def test_entries_of_a_file_are_hidden_from_users_without_its_key(written):
    with acting(user=7):
        assert entries_about([MINE]) == []


def test_the_auditor_reads_all_entries_a_page_at_a_time(may_open_mine):
    with acting(user=11, role="ministry/auditor", purpose=""):
        assert len(entries_about([MINE, OTHER])) == 6
        newest = entries_before(how_many=4)
        rest = entries_before(newest[-1].pk, how_many=4)
    assert [entry.pk for entry in newest + rest] == sorted(Entry.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("kind", ["hotline", "ministry", "ngo", "police", "prosecutor", "shelter"])
def test_only_auditors_of_the_hotline_or_a_ministry_read_it(may_open_mine, kind):
    """Each institution appoints its own auditors, alone."""
    with acting(user=11, role=f"{kind}/auditor", purpose=""):
        assert bool(entries_before()) is (kind in ("hotline", "ministry"))


def test_an_auditor_by_name_alone_is_none(may_open_mine):
    with acting(user=12, role="auditor/operator"):
        assert entries_before() == []


def test_consecutive_reads_are_shown_as_one_line(may_open_mine):
    with acting(user=7), translation.override("en"):
        police, operator = lines_of_entries(entries_about([MINE]))
    assert (operator.who, operator.why) == ("operator, the hotline", "during the call")
    assert (police.did, operator.did) == ([("read it", 1)], [("read it", 2)])


def test_looks_of_two_days_or_two_people_are_two_lines(may_open_mine):
    with acting(user=7):
        first, second, third = entries_about([MINE])
    third.at -= timedelta(days=1)
    assert len(lines_of_entries([second, third])) == 2
    second.user_id = 70
    assert len(lines_of_entries([second, first])) == 2


def test_the_page_says_who_and_why_and_nothing_of_the_file(may_open_mine):
    with acting(user=7), translation.override("en"):
        page = render_to_string("audit/_who_opened.html", {"ledger_lines": lines_of_entries(entries_about([MINE]))})
    assert "operator, the hotline" in page
    assert "2 times" in page
    assert "investigator" in page
    assert str(MINE) not in page
    assert "notes" not in page
