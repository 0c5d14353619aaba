"""The list of cases by urgency and in an order, and the same as CSV, which the ledger records."""

import csv
import io

import pytest
from django.test import Client

from amparo.care.cases.rules import change_case, open_case
from amparo.foundation.audit.models import Entry
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State


@pytest.fixture
def browser(db, ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def urgent(case, ana, now):
    """A second case, opened later, in immediate danger."""
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    other = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    return change_case(other, based_on=0, urgency="immediate", by=ana, now=now)


def listed(browser: Client, **query: str) -> list[str]:
    return [case.code for case, _name, _late in browser.get("/cases", query).context["rows"]]


def test_the_list_is_filtered_and_ordered(browser, case, urgent):
    assert listed(browser, urgency="immediate") == [urgent.code]
    assert listed(browser, urgency="routine") == [case.code]
    assert listed(browser, sort="newest") == [urgent.code, case.code]
    assert listed(browser, sort="urgency") == [urgent.code, case.code]
    assert set(listed(browser, urgency="never")) == {case.code, urgent.code}


def test_the_csv_has_the_same_rows_and_the_ledger_says_who_took_it(browser, case, urgent, ana):
    answer = browser.get("/cases.csv", {"urgency": "immediate", "language": "en"})
    head, row, end = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (head[0], row[0], end) == ("Case", urgent.code, ["end"])
    assert case.code not in answer.content.decode()
    entry = Entry.objects.get(what="export_cases")
    assert (entry.user_id, entry.about) == (ana.pk, "cases")


def test_a_name_in_the_csv_is_no_formula(browser, urgent, ana):
    ana.first_name = "=1+1"
    ana.save()
    text = browser.get("/cases.csv", {"urgency": "immediate", "language": "en"}).content.decode("utf-8-sig")
    assert next(csv.reader(text.splitlines()[1:]))[6] == "'=1+1"


def test_who_follows_no_case_gets_no_csv(outsider):
    client = Client()
    client.force_login(outsider)
    assert client.get("/cases.csv").status_code == 404


def test_a_case_of_others_is_in_no_csv(case, stranger):
    client = Client()
    client.force_login(stranger)
    for show in ("mine", "open", "late", "closed"):
        assert case.code not in client.get("/cases.csv", {"show": show}).content.decode()
