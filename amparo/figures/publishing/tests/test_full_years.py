"""Figures in which every cell of every table is shown, and many routes: how much their pages weigh at most."""

import random
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from amparo.figures.publishing.public import write_document
from amparo.figures.publishing.safe_tables import Document, changed_numbers
from amparo.figures.snapshot.tables import BY_MONTHS, Crossing, Table
from amparo.screens.site.tests.test_public_pages import SMALL, weight

ROUTES = 60  # shown of a thousand
FULL = 15_000  # bytes of the page of an edition or a year: more than the first round trip brings
CORRECTED = 18_500  # bytes of that of a correction that changes every number, with what each was and is


def count(dice: random.Random) -> int:
    return 5 * dice.randint(2, 800)


def full_table(name: Table, dice: random.Random) -> dict[str, Any]:
    shown = random.Random(1).sample(name.cells[1:], ROUTES) if name == Table.ROUTES else name.cells
    cells = {cell: count(dice) if cell in shown else None for cell in name.cells}
    return {"total": sum(filter(None, cells.values())), "cells": cells, "without": [], "uncounted": []}


def full_crossing(name: Crossing, dice: random.Random) -> dict[str, Any]:
    rows, columns = (list(table.cells) for table in name.tables)
    cells = [[count(dice) for _column in columns] for _row in rows]
    return {
        "editions": [1, 2, 3, 4], "rows": rows, "columns": columns, "cells": cells,
        "row_sums": [sum(line) for line in cells], "column_sums": [sum(line) for line in zip(*cells, strict=True)],
        "total": sum(map(sum, cells)),
    }  # fmt: skip


def full_year(revision: int) -> Document:
    """A release of the year 2031 with invented numbers: of another revision other numbers."""
    dice = random.Random(revision)
    return {
        "edition": f"2031-{revision}", "first_day": "2031-01-01", "months": 12, "published_on": "2032-01-20",
        "editions": [1, 2, 3, 4], "snapshot": "1, 2, 3, 4", "invented": True, "corrects": None, "why": "",
        "changes": [], "tables": {name.value: full_table(name, dice) for name in Table if name not in BY_MONTHS},
        **({"crossed": {name.value: full_crossing(name, dice) for name in Crossing}} if revision == 1 else {}),
    }  # fmt: skip


@pytest.fixture(autouse=True)
def full_years() -> None:
    first, corrected = full_year(1), full_year(2)
    all_tables = {name.value: full_table(name, random.Random(3)) for name in Table}
    changed = changed_numbers(first["tables"], corrected["tables"])
    write_document(first)
    write_document({**first, "edition": 31, "months": 3, "crossed": {}, "tables": all_tables})
    write_document({**corrected, "corrects": "2031-1", "why": "Inventado.", "crossed_in": "2031-1", "changes": changed})


@pytest.mark.parametrize(
    ("page", "most"), [("2031-1/crossed", SMALL), ("2031-1", FULL), ("31", FULL), ("2031-2", CORRECTED)]
)
def test_a_page_in_which_every_cell_is_shown_is_within_its_bound(page, most, capsys):
    weights = {code: weight(Client(), f"/figures/{page}?language={code}") for code, _ in settings.LANGUAGES}
    with capsys.disabled():
        print(f"\n/figures/{page} compressed, alone and with style, script and pictures: {weights}, at most {most}")
    assert max(total for _alone, total in weights.values()) <= most


def test_no_cell_of_a_full_year_is_left_out():
    pages = [Client().get(f"/figures/{page}?language=en").content.decode() for page in ("2031-1", "2031-1/crossed")]
    assert all(">not shown<" not in page for page in pages)
    assert pages[0].count(" → ") == ROUTES
    assert pages[1].count('class="counts crossed"') == len(Crossing)
