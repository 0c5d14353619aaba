"""An entry that was not verified in time is marked, and is never all that a page offers."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.directory.criteria import SearchCriteria
from amparo.care.directory.models import Service, VerificationTask
from amparo.care.directory.picklists import Condition, Sex
from amparo.care.directory.rules import close_verification_task, request_verification, verify
from amparo.care.directory.search_results import SearchResults, search_services
from amparo.foundation.core.refusal import Refused
from tests.repetitions import repeat

from .test_who_takes_her import SERVICES

GIRL = SearchCriteria(
    ubigeo="170101", age=16, sex=Sex.FEMALE, language="qu",
    moment=datetime(2026, 11, 25, 22, tzinfo=ZoneInfo("America/Lima")),
)  # fmt: skip
LONG_AGO = timedelta(days=91)


@pytest.fixture
def stale(offer, now):
    def stale(**known) -> Service:
        return offer(**{"name": "stale", "verified_at": now - LONG_AGO, **known})

    return stale


@pytest.mark.parametrize(("days", "is_stale"), [(0, False), (90, False), (90.01, True), (None, True)])
def test_stale_after_its_own_interval_or_never_verified(offer, now, days, is_stale):
    it = offer(verified_at=None if days is None else now - timedelta(days=days))
    assert Service.objects.accepting(GIRL, now=now).get().is_stale is is_stale
    assert it.is_stale_at(now) is is_stale


def test_a_stale_one_beside_a_fresh_one_is_only_marked(offer, stale, now):
    stale(), offer(name="fresh")
    offered = search_services(GIRL, now=now)
    assert [it.is_stale for it in offered.found] == [False, True]
    assert (offered.instead, offered.lacks_fresh_service) == (None, False)


@pytest.mark.parametrize(
    ("otherwise", "given_up"),
    [
        ({"hours": ()}, Condition.HOURS), ({"languages": ["es"]}, Condition.LANGUAGE),
        ({"areas": ("15",)}, Condition.PLACE),
    ],
    ids=str,
)  # fmt: skip
def test_beside_stale_ones_alone_stands_a_fresh_one_and_what_it_lacks(offer, stale, now, otherwise, given_up):
    old, near = stale(), offer(name="near", **otherwise)
    offered = search_services(GIRL, now=now)
    assert (offered.found, offered.instead, offered.given_up) == ([old], near, given_up)


def test_age_and_sex_are_never_given_up(offer, stale, now):
    stale(), offer(name="men", accepts=["men"]), offer(name="adults", minimum_age=18)
    assert search_services(GIRL, now=now).lacks_fresh_service


def test_nobody_at_all_is_said_and_the_editor_is_asked_once(stale, ana, delia, now):
    old = stale()
    for _ in range(2):
        request_verification(GIRL, search_services(GIRL, now=now), by=ana, now=now)
    assert [task.service for task in VerificationTask.objects.all()] == [old]
    verify(old, by=delia, now=now)
    assert VerificationTask.objects.get().done_by == delia
    assert not search_services(GIRL, now=now).lacks_fresh_service


def test_where_there_is_not_even_a_stale_one_the_editor_is_asked_to_find_one(ana, delia, now):
    (task,) = request_verification(GIRL, search_services(GIRL, now=now), by=ana, now=now)
    assert (task.department, task.accepts, task.language) == ("17", ["girls"], "qu")  # no district, no age
    assert close_verification_task(close_verification_task(task, by=delia, now=now), by=delia, now=now).done_at == now


def test_nothing_is_asked_of_the_editor_where_somebody_takes_her(offer, ana, now):
    offer()
    assert request_verification(GIRL, search_services(GIRL, now=now), by=ana, now=now) == []


@pytest.mark.parametrize("who", ["ana", "outsider"])
def test_only_an_editor_says_that_it_is_verified(stale, request, now, who):
    with pytest.raises(Refused, match="not for your role"):
        verify(stale(), by=request.getfixturevalue(who), now=now)


def relies_on_nothing_stale(offered: SearchResults, now: datetime) -> bool:
    """The rule for a page: it shows something fresh, or says that there is nothing."""
    shown = [*offered.found, *([offered.instead] if offered.instead else [])]
    return offered.lacks_fresh_service or any(not it.is_stale_at(now) for it in shown)


SOUGHT = some.builds(
    replace, some.just(GIRL), ubigeo=some.sampled_from(["", "17", "170101"]), language=some.sampled_from(["", "qu"]),
    age=some.sampled_from([None, 16, 30]), moment=some.sampled_from([None, GIRL.moment]),
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(
    max_examples=repeat(25, 600), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(services=some.lists(some.tuples(SERVICES, some.booleans()), max_size=4), sought=SOUGHT)
def test_no_directory_and_no_question_leaves_a_stale_entry_alone(offer, ana, now, services, sought):
    with transaction.atomic():
        for service, is_old in services:
            offer(**service, verified_at=now - LONG_AGO if is_old else now)
        offered = search_services(sought, now=now)
        assert relies_on_nothing_stale(offered, now)
        if offered.instead:
            condition = offered.given_up
            assert offered.instead in Service.objects.accepting(sought.without(condition), now=now)
        verification_tasks = request_verification(sought, offered, by=ana, now=now)
        assert bool(verification_tasks) == offered.lacks_fresh_service
        if offered.lacks_fresh_service:
            relaxed = [Service.objects.accepting(other, now=now).fresh(now).exists() for _, other in sought.relaxed()]
            assert not any(relaxed)
        transaction.set_rollback(True)


def test_the_property_notices_a_screen_that_offers_what_is_stale_alone(stale, now):
    stale(), stale(name="stale too")
    first, second = Service.objects.accepting(GIRL, now=now)
    alone = SearchResults([first], instead=second)
    assert not relies_on_nothing_stale(alone, now)


def test_to_find_anybody_is_another_errand_than_to_verify_somebody(stale, ana, now):
    """The place and needs are unknown, and it is night: no verification task is concerned."""
    stale(name="one", hours=()), stale(name="another", hours=())
    request_verification(SearchCriteria(), search_services(SearchCriteria(), now=now), by=ana, now=now)
    tonight = SearchCriteria(moment=now)
    (task,) = request_verification(tonight, search_services(tonight, now=now), by=ana, now=now)
    assert (
        task.service,
        VerificationTask.objects.filter(service=None).count(),
        VerificationTask.objects.count(),
    ) == (None, 1, 3)
