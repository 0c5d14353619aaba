"""The auditor reads the complete ledger, a page at a time, with the names of our people; nobody else does."""

import csv

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Role
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import SHOWN

from .conftest import START, colleague, opens
from .test_alerts import browser
from .test_the_reading_budget import HOUR


@pytest.fixture
def written(marta, vera) -> list[Entry]:
    return opens(marta, SHOWN + 5, HOUR / 60)


def test_the_page_shows_who_when_what_and_why(written, vera):
    page = browser(vera).get("/ledger/entries?language=en", follow=True).content.decode()
    for word in ("Marta", "supervisor, the hotline", "opened it", "to review the quality"):
        assert word in page


def test_an_entry_about_a_person_names_them(marta, vera):
    Entry.objects.create(
        at=START, user_id=vera.pk, agency_id=vera.agency_id, role="ministry/auditor", what="lock_person",
        about=f"user {marta.pk}", fields=[],
    )  # fmt: skip
    page = browser(vera).get("/ledger/entries").content.decode()
    assert '">Marta</td>' in page


def test_a_day_leaves_as_csv_by_the_same_filters(marta, vera, tomas):
    opens(marta, 3, HOUR / 60)
    opens(tomas, 2, HOUR / 60)
    day = timezone.localtime(START).date().isoformat()

    def lines(**filters: object) -> list[list[str]]:
        answer = browser(vera).get("/ledger.csv", {"day": day, "language": "en", **filters})
        return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))

    head, *rows = lines()
    assert head[:3] == ["When", "Until", "Who"]
    assert [row[2] for row in rows].count("Marta") == 3
    assert len(rows) == 5
    assert rows == sorted(rows, key=lambda row: row[0])
    assert {row[2] for row in lines(person=tomas.pk)[1:]} == {"Tomas"}
    assert lines(q="nothing")[1:] == []
    tomas.first_name = "=1+1"
    tomas.save()
    assert {row[2] for row in lines(person=tomas.pk)[1:]} == {"'=1+1"}, "a name is no formula"
    assert browser(marta).get("/ledger.csv").status_code == 404


def test_older_entries_are_a_page_further(written, vera):
    desk = browser(vera)
    first = desk.get("/ledger/entries")
    rest = desk.get(f"/ledger/entries?before={first.context['older']}")
    shown = [line["entry"].pk for page in (first, rest) for line in page.context["lines"]]
    assert {entry.pk for entry in written} <= set(shown)
    assert len(shown) == len(set(shown))
    assert rest.context["older"] is None


def test_what_one_person_opened_is_a_page_of_its_own(written, vera, tomas):
    opens(tomas, 3, HOUR)
    answer = browser(vera).get(f"/ledger/entries?opened_by={tomas.pk}")
    assert [line["who"] for line in answer.context["lines"]] == [tomas] * 3


def test_only_auditors_open_the_page(written, marta, tomas):
    for user in (marta, tomas, colleague("ana", Role.OPERATOR)):
        assert browser(user).get("/ledger/entries").status_code == 404


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", f"before={10**30}", "opened_by=x", "opened_by=999999999999"]
)
def test_an_unreadable_filter_shows_the_newest_entries(written, vera, query):
    assert len(browser(vera).get(f"/ledger/entries?{query}").context["lines"]) == SHOWN
