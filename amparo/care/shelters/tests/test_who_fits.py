"""Who is accepted where: the reasons in words and the filter ask the same question."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.people.models import Person
from amparo.care.people.picklists import Gender
from amparo.care.people.rules import describe_person
from amparo.care.shelters.matching import Party, PersonToPlace, asks_age, conditions, reasons_against, unknown_criteria
from amparo.care.shelters.models import House
from amparo.care.shelters.picklists import REGIONS, Region, UnmetReason
from amparo.care.shelters.rules import hold_bed, record_unmet_need
from amparo.foundation.core.refusal import Refused
from tests.repetitions import repeat

UNDER_18, OVER_18 = (PersonToPlace(None, "feminine", age_group=group) for group in ("child", "adult"))
WOMAN, GIRL = PersonToPlace(30, "feminine"), PersonToPlace(17, "feminine")
BOY, CHILD, BABY = (PersonToPlace(age, "masculine") for age in (15, 6, 1))


def why_not(house, *people, now, **needs) -> list[str]:
    party = Party(people, **needs)
    return reasons_against(House.objects.with_fit_for(party, now).get(pk=house.pk), party)


@pytest.mark.parametrize(
    ("takes", "people", "needs", "reason"),
    [
        ({}, [WOMAN], {}, []),
        ({"from_age": 18}, [GIRL], {}, ["from 18"]),
        ({"from_age": 12, "to_age": 17}, [GIRL], {}, []),
        ({"from_age": 12, "to_age": 17}, [WOMAN], {}, ["from 12 to 17"]),
        ({"from_age": 18}, [PersonToPlace(None, "feminine")], {}, ["from 18"]),
        ({}, [PersonToPlace(None, "feminine")], {}, []),
        ({"from_age": 18}, [UNDER_18], {}, ["from 18"]),
        ({"from_age": 18, "to_age": 60}, [UNDER_18], {}, ["from 18 to 60"]),
        ({"to_age": 17}, [UNDER_18], {}, []),
        ({"from_age": 12, "to_age": 17}, [UNDER_18], {}, []),
        ({"from_age": 12, "to_age": 17}, [OVER_18], {}, ["from 12 to 17"]),
        ({"from_age": 18}, [OVER_18], {}, []),
        ({"from_age": 15}, [OVER_18], {}, []),
        ({"from_age": 18, "to_age": 60}, [OVER_18], {}, []),
        ({"takes_families": True, "from_age": 18}, [OVER_18, UNDER_18], {}, []),
        ({"takes_families": True, "from_age": 18}, [UNDER_18, GIRL], {}, ["from 18"]),
        ({"takes_families": True, "to_age": 17}, [OVER_18, UNDER_18], {}, ["up to 17"]),
        ({"takes_families": True, "from_age": 18}, [WOMAN, PersonToPlace(None, "masculine", age_group="child")], {},
         ["only women and girls, trans women"]),
        ({}, [PersonToPlace(30, "masculine")], {}, ["only women and girls, trans women"]),
        ({}, [PersonToPlace(30, "transgender_feminine")], {}, []),
        ({}, [PersonToPlace(30, "")], {}, ["only women and girls, trans women"]),
        ({"only_families": True, "takes_families": True}, [WOMAN], {}, ["only families"]),
        ({"only_families": True, "takes_families": True, "takes_babies": True}, [WOMAN, BABY], {}, []),
        ({}, [WOMAN, CHILD], {}, ["no families"]),
        ({"takes_families": True, "from_age": 18}, [WOMAN, CHILD], {}, []),
        ({"takes_families": True, "from_age": 18}, [WOMAN, BOY], {}, ["only women and girls, trans women"]),
        ({}, [GIRL, BABY], {}, ["no babies"]),
        ({"takes_babies": True}, [GIRL, BABY], {}, []),
        ({}, [WOMAN], {"needs_no_steps": True}, ["there are steps"]),
        ({}, [WOMAN], {"has_pet": True}, ["no animals"]),
        ({"is_step_free": True, "takes_pets": True}, [WOMAN], {"needs_no_steps": True, "has_pet": True}, []),
        ({"region": Region.JUNGLE_SOUTH}, [WOMAN], {"far_from": ("170101",)}, ["too near to a place the person fears"]),
        ({}, [WOMAN], {"far_from": ("170101",)}, []),
    ],
)  # fmt: skip
def test_a_house_says_why_not_in_words(make_house, now, takes, people, needs, reason):
    assert why_not(make_house(**takes), *people, now=now, **needs) == reason


@pytest.mark.parametrize(
    ("takes", "people", "asks"),
    [
        ({}, [UNDER_18], False), ({"to_age": 17}, [UNDER_18], False), ({"from_age": 12}, [UNDER_18], True),
        ({"from_age": 15}, [OVER_18], False), ({"from_age": 18, "to_age": 60}, [OVER_18], True),
        ({"from_age": 18}, [OVER_18, UNDER_18], False), ({"from_age": 18, "to_age": 60}, [WOMAN], False),
    ],
)  # fmt: skip
def test_where_only_some_of_a_group_are_taken_her_age_is_asked(make_house, takes, people, asks):
    assert asks_age(make_house(**takes), Party(tuple(people))) is asks


@pytest.mark.parametrize(
    ("people", "criteria"),
    [
        ([WOMAN], []),
        ([PersonToPlace(30)], [UnmetReason.GENDER]),
        ([PersonToPlace(30, Gender.UNKNOWN)], [UnmetReason.GENDER]),
        ([PersonToPlace(gender=Gender.FEMININE)], [UnmetReason.AGE]),
        ([UNDER_18], []),
        ([PersonToPlace()], [UnmetReason.AGE, UnmetReason.GENDER]),
        ([WOMAN, PersonToPlace(3)], []),
        ([WOMAN, PersonToPlace()], [UnmetReason.AGE, UnmetReason.GENDER]),
    ],
)
def test_what_nobody_knows_of_them_yet_is_to_be_asked(people, criteria):
    assert unknown_criteria(Party(tuple(people))) == criteria


@pytest.mark.parametrize(("group", "others"), [("child", "adult"), ("adult", "child")])
def test_of_her_record_the_group_counts_where_no_number_is_known(case, person, make_house, ana, now, group, others):
    describe_person(person, age_at_events=None, age_certainty="", age_group=group, by=ana, now=now)
    party = Party.of([Person.objects.get(pk=person.pk)])
    women, girls = make_house("Casa Uno", from_age=18), make_house("Casa Dos", to_age=17)
    assert list(House.objects.that_fit(party, now)) == [{"adult": women, "child": girls}[group]]
    with pytest.raises(Refused, match="does not fit"):
        hold_bed(case, [person], {"adult": women, "child": girls}[others], by=ana, now=now)
    assert record_unmet_need(party, "full", by=ana, now=now).age == group


@pytest.mark.parametrize(
    ("people", "age"),
    [([UNDER_18], "child"), ([OVER_18], "adult"), ([OVER_18, UNDER_18], "adult"), ([UNDER_18, GIRL], "child"),
     ([UNDER_18, WOMAN], "adult"), ([PersonToPlace(None, "feminine")], "unknown"),
     ([PersonToPlace(None), UNDER_18], "child")],
)  # fmt: skip
def test_a_need_is_counted_by_the_age_of_the_eldest(people, age):
    assert Party(tuple(people)).age == age


def test_the_girl_is_older_than_the_baby():
    assert Party((BABY, UNDER_18)).eldest == UNDER_18


def test_what_does_not_fit_is_not_held(case, person, make_house, ana, now):
    with pytest.raises(Refused, match="does not fit: up to 17"):
        hold_bed(case, [person], make_house(to_age=17), by=ana, now=now)


def test_every_department_is_in_a_region():
    assert sorted(REGIONS) == [f"{n:02}" for n in range(1, 26)]


people = st.lists(
    st.builds(
        PersonToPlace, st.none() | st.integers(0, 70), st.sampled_from(["", "feminine", "masculine", "non_conforming"]),
        age_group=st.sampled_from(["", "unknown", "child", "adult"]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
feared = st.lists(st.sampled_from(["17", "150101"]), max_size=2)
parties = st.builds(
    Party, people.map(tuple), st.booleans(), st.booleans(), feared.map(tuple)
)  # fmt: skip


@pytest.fixture
def houses(make_house):
    return [
        make_house("Casa Uno", from_age=12, to_age=17, takes_babies=True),
        make_house("Casa Dos", only_families=True, takes_families=True, genders=["feminine", "masculine"], cots=1),
        make_house("Casa Tres", from_age=18, is_step_free=True, takes_pets=True, region=Region.JUNGLE_SOUTH),
        make_house("Casa Cuatro", genders=["feminine", "masculine", "non_conforming"], takes_families=True, beds=1),
    ]


def may_be(somebody: PersonToPlace) -> range:
    groups = {"child": range(18), "adult": range(18, 121)}
    known = groups.get(somebody.age_group, range(121))
    return known if somebody.age is None else range(somebody.age, somebody.age + 1)


def takes_ages(house: House, people: list[range]) -> bool:
    """The same rule in plain Python: an unknown age counts as every age."""
    grown = [it for it in people if it[-1] >= 3]
    with_adult = any(it[0] >= 18 for it in grown)
    criteria = [it for it in grown if it[-1] >= 18] if with_adult else grown
    from_age, to_age = house.from_age or 0, 120 if house.to_age is None else house.to_age
    if any(len(it) == 121 for it in criteria):
        return house.from_age is None and house.to_age is None
    return all(any(from_age <= age <= to_age for age in it) for it in criteria)


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(
    max_examples=repeat(40, 600), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(party=parties)
def test_a_house_fits_exactly_when_it_has_no_reason_not_to(houses, now, party):
    that_fit = set(House.objects.that_fit(party, now))
    compared = list(House.objects.with_fit_for(party, now))
    assert that_fit == {house for house in compared if not reasons_against(house, party)}
    assert len(compared) == len(houses)
    for house in compared:
        assert house.fits_age is takes_ages(house, [may_be(it) for it in party.people])
    for house in that_fit:
        assert house.free >= len(party.people)
        assert all(it.gender in (*house.genders, "") for it in party.without_babies if may_be(it)[-1] >= 12)
    assert all(len(reasons_against(house, party)) <= len(conditions(party)) for house in compared)
