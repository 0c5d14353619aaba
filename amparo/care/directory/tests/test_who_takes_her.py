"""Who accepts a 16-year-old girl in Madre de Dios, tonight, in Quechua? One query, against a plain reading of it."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.directory.criteria import SearchCriteria, opening_moment
from amparo.care.directory.models import Location, Service
from amparo.care.directory.picklists import Accepts, Sex, When
from tests.repetitions import repeat

from .conftest import ALL_DAYS

LIMA = ZoneInfo("America/Lima")
GIRL = SearchCriteria(
    ubigeo="170101", age=16, sex=Sex.FEMALE, language="qu", moment=datetime(2026, 11, 25, 22, tzinfo=LIMA)
)


@pytest.fixture
def takes(now):
    def takes(sought: SearchCriteria = GIRL) -> list[Service]:
        return list(Service.objects.accepting(sought, now=now))

    return takes


def test_one_query_answers_it(offer, takes, django_assert_num_queries):
    fits = offer()
    with django_assert_num_queries(1):
        assert takes() == [fits]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"accepts": ["women"]}, {"accepts": ["boys"]}, {"accepts": []}, {"languages": ["es"]}, {"minimum_age": 17},
        {"maximum_age": 15}, {"areas": ("16",)}, {"areas": ("1702",)}, {"areas": ()}, {"hours": ()},
        {"hours": ((ALL_DAYS, time(8), time(17)),)}, {"hours": ((["TU", "TH"], time(20), time(23)),)},
        {"status": "inactive"}, {"status": "temporarily closed"},
    ],
    ids=str,
)  # fmt: skip
def test_each_condition_counts(offer, takes, otherwise):
    offer(**otherwise)
    assert takes() == []


@pytest.mark.parametrize(
    "otherwise",
    [
        {"minimum_age": 16, "maximum_age": 16}, {"areas": ("",)}, {"areas": ("1701",)}, {"areas": ("170101", "02")},
        {"hours": ((["WE"], time(20), time(23)),)}, {"hours": ((["WE"], time(21), time(6)),)},
        {"accepts": ["girls", "boys", "families"]},
    ],
    ids=str,
)  # fmt: skip
def test_and_no_more_than_that(offer, takes, otherwise):
    fits = offer(**otherwise)
    assert takes() == [fits]


def test_a_suspended_institution_is_offered_to_nobody(offer, organization, takes):
    offer()
    organization.trust = "suspended"
    organization.save()
    assert takes() == []


@pytest.mark.parametrize(("hour", "is_open"), [(21, False), (22, True), (23, True), (30, False)])
def test_over_midnight_belongs_to_the_day_on_which_it_opened(offer, takes, hour, is_open):
    offer(hours=((["WE"], time(22), time(6)),))
    moment = datetime(2026, 11, 25, tzinfo=LIMA) + timedelta(hours=hour)
    assert bool(takes(replace(GIRL, moment=moment))) is is_open


def test_it_says_who_is_open_now(offer, takes):
    """It is 20:00 on a Wednesday."""
    always, days = offer("always"), offer("by day", hours=((ALL_DAYS, time(8), time(17)),))
    found = {it: it.is_open for it in takes(replace(GIRL, moment=None))}
    assert found == {always: True, days: False}


def test_what_is_not_known_asks_nothing(offer, takes):
    offer(accepts=[])
    assert takes(SearchCriteria())
    assert not takes(SearchCriteria(age=16))
    assert not takes(SearchCriteria(sex=Sex.MALE))


def test_an_age_that_is_not_known_is_taken_by_who_takes_either(offer, takes):
    women, girls = offer("women", accepts=["women"]), offer("girls", accepts=["girls"])
    assert set(takes(SearchCriteria(sex=Sex.FEMALE))) == {women, girls}


@pytest.mark.parametrize(
    ("group", "ages", "is_found", "asks_age"),
    [
        ("child", (None, None), True, False), ("child", (0, 17), True, False), ("child", (12, 17), True, True),
        ("child", (None, 12), True, True), ("child", (15, 60), True, True), ("child", (17, None), True, True),
        ("child", (18, None), False, False), ("child", (18, 60), False, False),
        ("adult", (None, None), True, False), ("adult", (18, None), True, False), ("adult", (15, 120), True, False),
        ("adult", (18, 60), True, True), ("adult", (60, None), True, True), ("adult", (None, 18), True, True),
        ("adult", (12, 17), False, False), ("adult", (None, 17), False, False),
    ],
)  # fmt: skip
def test_a_group_is_taken_by_who_takes_any_age_of_it_and_all_of_them_says_so(
    offer, takes, group, ages, is_found, asks_age
):
    offer(minimum_age=ages[0], maximum_age=ages[1])
    assert [it.asks_age for it in takes(replace(GIRL, age=None, age_group=group))] == [asks_age] * is_found


@pytest.mark.parametrize(("group", "accepts"), [("child", "women"), ("adult", "girls")])
def test_a_girl_is_no_woman_where_only_that_is_known(offer, takes, group, accepts):
    offer(accepts=[accepts])
    for sex in ("", "female"):
        assert takes(SearchCriteria(sex=sex, age_group=group)) == []
        assert takes(SearchCriteria(sex=sex, age_group={"child": "adult", "adult": "child"}[group]))


def test_a_number_says_more_than_a_group(offer, takes):
    offer(minimum_age=18)
    assert takes(SearchCriteria(age=20, age_group="child"))
    assert takes(SearchCriteria(age=16, age_group="adult")) == []


def test_who_serves_a_part_of_the_place_is_found_and_says_so(offer, takes):
    all_of_it, part = offer("whole", areas=("17",)), offer("part", areas=("1701",))
    found = {it: it.is_partial for it in takes(replace(GIRL, ubigeo="17"))}
    assert found == {all_of_it: False, part: True}


def test_the_nearest_comes_first_then_what_was_verified_last(offer, organization, now, takes):
    def door(ubigeo_near: tuple[float, float], *services: Service) -> None:
        it = Location.objects.create(organization=organization, latitude=ubigeo_near[0], longitude=ubigeo_near[1])
        it.services.set(services)

    far, older, newer, by_telephone = offer("far"), offer("older"), offer("newer"), offer("by telephone")
    Service.objects.filter(pk=older.pk).update(verified_at=now - timedelta(days=30))
    door((-13.53, -71.97), far)
    door((-12.5936, -69.1767), older, newer)
    found = takes()
    assert found == [newer, older, far, by_telephone]
    assert (found[0].distance, found[3].distance) == (0, None)
    assert 300 < found[2].distance < 340  # Cusco is 318 km from Puerto Maldonado as the crow flies


def test_a_confidential_door_has_no_distance(offer, organization, takes):
    Location.objects.create(organization=organization, is_confidential=True).services.set([offer()])
    assert takes()[0].distance is None


@pytest.mark.parametrize(
    ("when", "hour", "means"), [("tonight", 15, 22), ("tonight", 23, 23), ("now", 15, 15), ("tomorrow", 15, 24 + 9)]
)
def test_what_the_words_for_a_time_mean(when, hour, means):
    now, midnight = datetime(2026, 11, 25, hour, tzinfo=LIMA), datetime(2026, 11, 25, tzinfo=LIMA)
    assert opening_moment(When(when), now) == midnight + timedelta(hours=means)


def test_it_can_wait(now):
    assert opening_moment(When.ANY, now) is None


PLACES = ["", "17", "1701", "170101", "170102", "02", "0201"]
GROUPS = some.lists(some.sampled_from(list(Accepts)), unique=True, max_size=4)
HOURS = some.tuples(
    some.lists(some.sampled_from(ALL_DAYS), min_size=1, max_size=7, unique=True),
    some.sampled_from([time(0), time(8), time(22)]), some.sampled_from([time(0), time(6), time(17), time(22)]),
)  # fmt: skip
AGES = some.none() | some.sampled_from([0, 12, 16, 17, 18, 60])
SERVICES = some.fixed_dictionaries(
    {
        "accepts": GROUPS, "areas": some.lists(some.sampled_from(PLACES), unique=True, max_size=2),
        "hours": some.lists(HOURS, max_size=2), "minimum_age": some.sampled_from([None, 0, 16, 18]),
        "maximum_age": some.sampled_from([None, 18, 60]),
        "languages": some.lists(some.sampled_from(["es", "qu", "ay"]), unique=True),
    }
)  # fmt: skip
SOUGHT = some.builds(
    SearchCriteria, ubigeo=some.sampled_from(PLACES), age=AGES,
    age_group=some.sampled_from(["", "unknown", "child", "adult"]), sex=some.sampled_from(["", *Sex]),
    needs=some.frozensets(some.sampled_from([Accepts.FAMILIES, Accepts.DISABILITY]), max_size=1),
    language=some.sampled_from(["", "qu"]),
    moment=some.none() | some.datetimes(datetime(2026, 11, 23), datetime(2026, 11, 30), timezones=some.just(LIMA)),
)  # fmt: skip


def fits(service: dict, sought: SearchCriteria) -> bool:
    """The same rule in plain Python."""

    def serves(area: str) -> bool:
        return sought.ubigeo.startswith(area) or area.startswith(sought.ubigeo)

    def is_open(days: list[str], opens: time, closes: time) -> bool:
        for day in range(14):  # the two weeks around it
            begins = datetime(2026, 11, 18, opens.hour, tzinfo=LIMA) + timedelta(days=day)
            ends = begins.replace(hour=closes.hour) + timedelta(days=closes <= opens)
            if ALL_DAYS[begins.weekday()] in days and begins <= sought.moment < ends:
                return True
        return False

    who, least, most = set(service["accepts"]), service["minimum_age"] or 0, service["maximum_age"] or 999
    groups = {"child": set(range(18)), "adult": set(range(18, 121))}
    may_be = groups.get(sought.age_group, set()) if sought.age is None else {sought.age}  # empty: nothing is known
    either = {"female": {"women", "girls"}, "male": {"men", "boys"}, "": {"women", "girls", "men", "boys"}}[sought.sex]
    if may_be:
        either &= {"women", "men"} if min(may_be) >= 18 else {"girls", "boys"}
    return (
        (not sought.ubigeo or any(map(serves, service["areas"])))
        and (not may_be or any(least <= age <= most for age in may_be))
        and ((not may_be and not sought.sex) or bool(either & who))
        and sought.needs <= who
        and (not sought.language or sought.language in service["languages"])
        and (sought.moment is None or any(is_open(*hours) for hours in service["hours"]))
    )


def is_certain(service: dict, sought: SearchCriteria) -> bool:
    ages = {"child": (0, 17), "adult": (18, 120)}.get(sought.age_group) if sought.age is None else None
    return ages is None or ((service["minimum_age"] or 0) <= ages[0] and ages[1] <= (service["maximum_age"] or 999))


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(
    max_examples=repeat(40, 600), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(services=some.lists(SERVICES, max_size=4), sought=SOUGHT)
def test_the_query_finds_who_fits_and_nobody_else(offer, now, services, sought):
    with transaction.atomic():
        made = {offer(str(number), **service).pk: service for number, service in enumerate(services)}
        found = {it.pk: it for it in Service.objects.accepting(sought, now=now)}
        assert all(it.asks_age == (not is_certain(made[pk], sought)) for pk, it in found.items())
        assert set(found) == {pk for pk, service in made.items() if fits(service, sought)}
        transaction.set_rollback(True)
