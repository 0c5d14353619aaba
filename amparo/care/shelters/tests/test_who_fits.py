"""Who is taken where: what the words say and what the filter finds are the same question."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.care.shelters.matching import Party, Somebody, conditions, reasons
from amparo.care.shelters.models import House
from amparo.care.shelters.picklists import REGIONS, Region
from amparo.care.shelters.rules import hold_bed
from amparo.ground.core.refusal import Refused

WOMAN, GIRL = Somebody(30, "feminine"), Somebody(17, "feminine")
BOY, CHILD, BABY = (Somebody(age, "masculine") for age in (15, 6, 1))


def why_not(house, *people, now, **needs) -> list[str]:
    party = Party(people, **needs)
    return reasons(House.objects.compared(party, now).get(pk=house.pk), party)


@pytest.mark.parametrize(
    ("takes", "people", "needs", "said"),
    [
        ({}, [WOMAN], {}, []),
        ({"from_age": 18}, [GIRL], {}, ["from 18"]),
        ({"from_age": 12, "to_age": 17}, [GIRL], {}, []),
        ({"from_age": 12, "to_age": 17}, [WOMAN], {}, ["from 12 to 17"]),
        ({"from_age": 18}, [Somebody(None, "feminine")], {}, ["from 18"]),
        ({}, [Somebody(None, "feminine")], {}, []),
        ({}, [Somebody(30, "masculine")], {}, ["only women and girls, trans women"]),
        ({}, [Somebody(30, "transgender_feminine")], {}, []),
        ({}, [Somebody(30, "")], {}, ["only women and girls, trans women"]),
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
        ({"region": Region.JUNGLE_SOUTH}, [WOMAN], {"far_from": ("170101",)}, ["too near to a place she fears"]),
        ({}, [WOMAN], {"far_from": ("170101",)}, []),
    ],
)  # fmt: skip
def test_a_house_says_why_not_in_words(make_house, now, takes, people, needs, said):
    assert why_not(make_house(**takes), *people, now=now, **needs) == said


def test_what_does_not_fit_is_not_held(case, person, make_house, ana, now):
    with pytest.raises(Refused, match="does not fit: up to 17"):
        hold_bed(case, [person], make_house(to_age=17), by=ana, now=now)


def test_every_department_is_in_a_region():
    assert sorted(REGIONS) == [f"{n:02}" for n in range(1, 26)]


people = st.lists(
    st.builds(
        Somebody, st.none() | st.integers(0, 70), st.sampled_from(["", "feminine", "masculine", "non_conforming"])
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(party=parties)
def test_a_house_fits_exactly_when_it_has_no_reason_not_to(houses, now, party):
    that_fit = set(House.objects.that_fit(party, now))
    compared = list(House.objects.compared(party, now))
    assert that_fit == {house for house in compared if not reasons(house, party)}
    assert len(compared) == len(houses)
    for house in that_fit:
        assert house.free >= len(party.people)
        assert all(it.gender in (*house.genders, "") for it in party.grown if it.age is None or it.age >= 12)
    assert all(len(reasons(house, party)) <= len(conditions(party)) for house in compared)
