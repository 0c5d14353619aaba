import pytest

from amparo.foundation.places.places import _places, find_places, place_label, place_meant


def test_every_department_province_and_district_is_there():
    levels = [place.level for place in _places().values()]
    assert [levels.count(level) for level in ("department", "province", "district")] == [25, 196, 1891]


def test_no_two_places_read_alike():
    assert len({place.label for place in _places().values()}) == len(_places())


@pytest.mark.parametrize("typed", ["ancash", "ÁNCASH", "  Áncash ", "anc"])
def test_accents_capitals_and_spaces_do_not_matter(typed):
    assert find_places(typed)[0].label == "Áncash"


def test_a_larger_place_comes_first():
    assert [place.level for place in find_places("lima")][:3] == ["department", "province", "district"]


def test_a_capital_finds_its_place():
    assert "Tambopata, Madre de Dios" in [place.label for place in find_places("puerto maldonado")]


def test_any_word_of_a_name_finds_it():
    assert "Madre de Dios" in [place.label for place in find_places("dios")]


@pytest.mark.parametrize("typed", ["", "   ", "nowhere at all", "x" * 10_000, "'; drop table", "\x00", "%"])
def test_an_unknown_name_finds_nothing(typed):
    assert find_places(typed) == []
    assert place_meant(typed) is None


def test_results_never_exceed_the_limit():
    assert len(find_places("san", limit=5)) == 5


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("17", "17"),
        ("Madre de Dios", "17"),
        ("tambopata, madre de dios", "1701"),
        ("lima", "15"),
        ("Tambopata", "1701"),
    ],
)
def test_a_code_a_label_or_a_name_means_one_place(typed, code):
    assert place_meant(typed).ubigeo == code


def test_a_name_that_several_districts_share_means_none():
    assert len(find_places("san antonio", limit=50)) > 1
    assert place_meant("San Antonio") is None


def test_every_label_means_its_own_place():
    assert all(place_meant(place.label) == place for place in list(_places().values())[::40])


def test_a_code_reads_as_its_label():
    assert place_label("170103") == "Las Piedras, Tambopata, Madre de Dios"
    assert place_label("999999") == ""
