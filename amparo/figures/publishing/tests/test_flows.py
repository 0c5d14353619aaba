"""Routes of an edition: arrows on the map, and the table beside it."""

from django.template.loader import render_to_string

from amparo.figures.publishing.flows import VIEW, arrows, points
from amparo.figures.publishing.sheets import ReadableEdition
from amparo.figures.snapshot.picklists import NOT_SAID, route_cells
from amparo.figures.snapshot.tables import Table


def reading(**shown: int) -> ReadableEdition:
    tables = {table.value: {"total": None, "cells": {}} for table in Table}
    cells = {**dict.fromkeys((NOT_SAID, *route_cells())), **shown}
    tables[Table.ROUTES] = {"total": sum(shown.values()) + 20, "cells": cells}
    document = {"first_day": "2024-07-01", "published_on": None, "tables": tables, "changes": [], "edition": 1}
    return ReadableEdition.of(document)


def sheet_of(**shown: int):
    return next(sheet for sheet in reading(**shown).sheets if sheet.table == Table.ROUTES)


def test_only_shown_routes_have_a_row_and_the_busiest_is_first():
    sheet = sheet_of(**{"08>17": 15, "15>15": 40, "08>BO": 10})
    assert [(row.label, row.count) for row in sheet.rows] == [
        ("Lima → Lima", 40), ("Cusco → Madre de Dios", 15), ("Cusco → Bolivia", 10),
    ]  # fmt: skip


def test_the_map_draws_each_route_once_and_names_the_country():
    sheet = sheet_of(**{"08>17": 15, "15>15": 40, "08>BO": 10})
    drawn = render_to_string("publishing/_flows.html", {"sheet": sheet, "reading": reading()})
    assert drawn.count('<path class="arrow"') == 2
    assert drawn.count('<circle class="arrow"') == 1
    assert ">Bolivia<" in drawn
    table = render_to_string("publishing/_table.html", {"sheet": sheet, "reading": reading()})
    assert "All other routes" in table
    assert "hidden" not in table


def test_arrows_begin_and_end_on_the_map_and_there_and_back_differ():
    there, back = arrows([("08>17", 20), ("17>08", 20)])
    assert there.path != back.path
    left, top, width, height = map(int, VIEW.split())
    for arrow in arrows((route, 10) for route in route_cells()):
        assert left < arrow.at[0] < left + width
        assert top < arrow.at[1] < top + height


def test_countries_that_no_route_uses_are_not_named():
    assert points(["08>17"]) == []
    assert [point.name for point in points(["CO>16"])] == ["Colombia"]


def test_the_file_lists_shown_routes_alone():
    lines = [line for line in reading(**{"08>17": 15}).as_csv().splitlines() if "persons_by_route" in line]
    assert len(lines) == 2  # the total and one route
