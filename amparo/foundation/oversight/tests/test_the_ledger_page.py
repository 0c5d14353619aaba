"""The auditor reads the complete ledger, a page at a time, with the names of our people; nobody else does."""

import pytest

from amparo.foundation.access.models import Role
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import SHOWN

from .conftest import colleague, opens
from .test_alerts import browser
from .test_the_reading_budget import HOUR


@pytest.fixture
def written(marta, vera) -> list[Entry]:
    return opens(marta, SHOWN + 5, HOUR / 60)


def test_the_page_shows_who_when_what_and_why(written, vera):
    page = browser(vera).get("/ledger/entries?language=en", follow=True).content.decode()
    for word in ("Marta", "supervisor, the hotline", "opened it", "to review the quality", written[-1].about):
        assert word in page


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
