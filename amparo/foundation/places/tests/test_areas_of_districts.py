"""Areas around the capitals of districts: each point of a department lies in the area of the nearest capital."""

import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.foundation.places import areas, outline, places

DEPARTMENTS = sorted(outline.departments())
SHARE = st.floats(0.01, 0.99)


def contains(corners: list[areas.Point], point: areas.Point) -> bool:
    """Whether a convex ring contains a point: it lies on one side of all edges."""
    (x, y), sides = point, set()
    for (a, b), (c, d) in pairwise(corners):
        turn = (c - a) * (y - b) - (d - b) * (x - a)
        sides |= {turn > 0} if abs(turn) > 1e-12 else set()
    return len(sides) <= 1


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a loaded machine may stall
@given(st.sampled_from(DEPARTMENTS), SHARE, SHARE)
def test_a_point_lies_in_the_area_of_the_nearest_capital_alone(department, across, down):
    _name, rings = outline.departments()[department]
    west, north, east, south = land = areas._bounding_box((lon, lat) for ring in rings for lon, lat in ring)
    point = (west + across * (east - west), north - down * (north - south))
    capitals = {code: (lon, lat) for code, (lat, lon) in places.capitals_of_districts(department).items()}
    by_distance = sorted(capitals, key=lambda code: areas._distance(capitals[code], point))
    box = areas._ring_of_box(land)
    around = [
        code
        for code in by_distance[:12]
        if contains(areas._voronoi_cell(capitals[code], capitals.values(), box), point)
    ]
    assert by_distance[0] in around
    nearest = areas._distance(capitals[by_distance[0]], point)
    assert all(areas._distance(capitals[code], point) == pytest.approx(nearest) for code in around)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_district_with_a_known_capital_has_an_area_on_the_map_of_its_department(department):
    drawn = areas.map_of_districts(department)
    assert {area.ubigeo for area in drawn.areas} == set(places.capitals_of_districts(department))
    assert all(re.fullmatch(r"M\d+ \d+l[-\d ]+z", area.path) for area in drawn.areas)
    assert max(drawn.width, drawn.height) == areas.LONGEST


def test_only_seventeen_districts_have_no_area():
    drawn = {area.ubigeo for department in DEPARTMENTS for area in areas.map_of_districts(department).areas}
    missing = {place.ubigeo for place in places.districts("")} - drawn
    assert len(missing) == 17
    assert "130112" in missing  # Alto Trujillo


def test_a_province_is_drawn_closer_with_its_districts_alone():
    lima, department = areas.map_of_districts("1501"), areas.map_of_districts("15")
    assert {area.ubigeo[:4] for area in lima.areas} == {"1501"}
    apart = [
        (them["150132"].x - them["150103"].x) ** 2 + (them["150132"].y - them["150103"].y) ** 2
        for them in ({area.ubigeo: area for area in drawn.areas} for drawn in (lima, department))
    ]
    assert apart[0] > 9 * apart[1]
    assert all(0 <= area.x <= lima.width and 0 <= area.y <= lima.height for area in lima.areas)


def test_an_unknown_department_has_no_map():
    with pytest.raises(KeyError):
        areas.map_of_districts("99")


@pytest.mark.parametrize(("within", "small"), [("07", ["La Punta"]), ("0701", ["La Punta"]), ("1501", []), ("06", [])])
def test_a_district_that_nobody_would_see_is_marked(within, small):
    names = {place.ubigeo: place.name for place in places.districts(within)}
    assert [names[area.ubigeo] for area in areas.map_of_districts(within).areas if area.is_small] == small
