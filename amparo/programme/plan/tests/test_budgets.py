"""The budget of an indicator is an amount in a currency, beside its source in words."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.html import strip_tags

from amparo.foundation.core.actor import acting_as
from amparo.programme.plan import csv_files, rules, spreadsheet
from amparo.programme.plan.columns import INDICATORS
from amparo.programme.plan.models import Indicator, Node

from .test_spreadsheet import LINES, MEASURE, book, csv

COLUMNS = {"unit": "%", "baseline_on": date(2026, 1, 1), "target": 1.0, "due_on": date(2027, 1, 1)}
HEADS = [column.name for column in INDICATORS]
BEFORE, AMOUNT, CURRENCY = MEASURE[:13], HEADS.index("budget_amount"), HEADS.index("budget_currency")


@pytest.fixture
def node(pilar) -> Node:
    plan = rules.add_plan(title="Plan inventado", starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31), by=pilar)
    return rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)


@pytest.fixture
def typed(pilar) -> dict[str, str]:
    return {
        "number": "a", "text": "Llamadas", "unit": "%", "baseline_on": "2026-01-01", "target": "1",
        "due_on": "2027-01-01", "frequency": "yearly", "responsible": str(pilar.agency.pk), "budget": "Tesoro",
        "budget_amount": "12500.50", "budget_currency": "USD",
    }  # fmt: skip


def test_an_amount_is_typed_shown_with_its_currency_and_corrected(node, pilar, at, typed):
    client, page = at(pilar), f"/plans/nodes/{node.pk}"
    assert client.post(f"{page}/indicators", typed).status_code == 302
    shown = client.get(f"{page}?language=en").content.decode()
    assert ("US$ 12,500.50" in shown, "Tesoro" in shown) == (True, True)
    with acting_as(pilar.acting()):
        indicator = Indicator.objects.get()
    assert client.post(f"/plans/indicators/{indicator.pk}/change", {**typed, "budget_amount": ""}).status_code == 302
    with acting_as(pilar.acting()):
        indicator.refresh_from_db()
    assert (indicator.budget_amount, indicator.budget_currency, indicator.budget) == (None, "", "Tesoro")


def test_the_page_of_a_plan_adds_the_amounts_up_by_currency(node, pilar, at):
    amounts = (("a", "10.50", "PEN"), ("b", "2000", "PEN"), ("c", "7", "EUR"), ("d", None, ""))
    for number, amount, currency in amounts:
        more = {"budget_amount": amount and Decimal(amount), "budget_currency": currency}
        rules.add_indicator(node, number=number, text="x", responsible=pilar.agency, **COLUMNS, **more, by=pilar)
    shown = at(pilar).get(f"/plans/{node.plan_id}?language=en").content.decode()
    assert "€ 7.00 + S/ 2,010.50" in strip_tags(shown)


@pytest.mark.parametrize(("amount", "currency"), [("5", ""), (None, "PEN"), ("-1", "PEN")])
def test_the_database_keeps_no_amount_without_its_currency(node, pilar, amount, currency):
    more = {"budget_amount": amount and Decimal(amount), "budget_currency": currency}
    with pytest.raises(IntegrityError, match="a_budget_is_an_amount_in_a_currency"), transaction.atomic():
        rules.add_indicator(node, number="a", text="x", responsible=pilar.agency, **COLUMNS, **more, by=pilar)


def files(amount: object, currency: object) -> list[object]:
    return [*BEFORE, amount, currency, ""]


@pytest.mark.parametrize("read", [
    lambda row: spreadsheet.read_spreadsheet(book(measures=[row])),
    lambda row: csv_files.read_csv_files(csv(LINES), csv([HEADS, row])),
], ids=["xlsx", "csv"])  # fmt: skip
@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (12500.5, "PEN", (Decimal("12500.50"), "PEN")),
        ("12500,50", "soles (S/)", (Decimal("12500.50"), "PEN")),
        (0, "usd", (Decimal(0), "USD")),
        ("", "", (None, "")),
        ("12.500", "PEN", "without separators of thousands"),
        ("-1", "PEN", "without separators of thousands"),
        ("1,250,000", "PEN", "without separators of thousands"),
        (5, "", "Currency of the budget.*An amount needs its currency"),
        ("", "EUR", "Amount of the budget.*An amount needs its currency"),
        (5, "BTC", "Choose one of the list"),
    ],
)
def test_an_amount_in_a_spreadsheet_is_read_or_refused(pilar, read, amount, currency, expected):
    with acting_as(pilar.acting()):
        if isinstance(expected, str):
            with pytest.raises(spreadsheet.WrongSpreadsheet, match=expected):
                read(files(amount, currency))
        else:
            (row,) = read(files(amount, currency)).indicators
            assert (row["budget_amount"], row["budget_currency"]) == expected


def test_an_amount_with_three_decimals_in_a_cell_of_numbers_is_refused_for_its_decimals(pilar):
    with acting_as(pilar.acting()), pytest.raises(spreadsheet.WrongSpreadsheet, match="at most two decimals"):
        spreadsheet.read_spreadsheet(book(measures=[files(12500.505, "PEN")]))


def test_a_spreadsheet_that_was_exported_before_amounts_were_kept_is_read(pilar):
    old = [head for head in HEADS if not head.startswith("budget_")]
    with acting_as(pilar.acting()):
        (row,) = spreadsheet.read_spreadsheet(book(measures=[[*BEFORE, ""]], heads=old)).indicators
    assert (row["budget_amount"], row["budget_currency"], row["budget"]) == (None, "", "Tesoro")
