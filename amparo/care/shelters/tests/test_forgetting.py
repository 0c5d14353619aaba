"""What ends with the case, and what ends when the person leaves."""

import pytest
from django.utils import timezone

from amparo.care.cases.rules import close_case, remove_member
from amparo.care.cases.tasks_planning import finish_task
from amparo.care.shelters.models import Occupancy, Placement, RiskBriefingShare, Stay
from amparo.care.shelters.rules import decline_placement, request_placement
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused


@pytest.fixture
def requested_with_words(reserved, person, agree, ana, ines, now):
    agree(person)
    known = {"escort": "invented escort", "briefing": "invented danger"}
    return request_placement(reserved, planned_to=timezone.localdate(now), **known, by=ana, now=now)


def test_who_leaves_the_team_sees_its_placements_no_longer(requested, case, ana, ines, now):
    def seen(user) -> int:
        with acting_as(user.acting()):
            return Placement.objects.count()

    assert (seen(ana), seen(ines)) == (1, 1)
    remove_member(case, ana, by=ines, now=now)
    assert (seen(ana), seen(ines)) == (0, 1)


def test_forgotten_the_words_are_gone_and_the_night_is_counted(requested_with_words, ana):
    with acting_as(ana.acting()):
        requested_with_words.key.forget()
        RiskBriefingShare.objects.get().key.forget()
    assert (Placement.objects.get().escort, RiskBriefingShare.objects.count()) == (None, 0)
    assert Stay.objects.count() == Occupancy.objects.count() == 1


def test_it_is_kept_as_long_as_its_case(requested_with_words, case, ana, now):
    """Nobody can close the case before somebody has checked on the stay."""
    with pytest.raises(Refused, match="A critical task is open"):
        close_case(case, "safe", by=ana, now=now)
    with acting_as(ana.acting()):
        [task] = case.tasks.open().filter(is_critical=True)
    finish_task(task, result="invented", by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    for kept in (Placement, RiskBriefingShare):
        assert kept.objects.select_related("key").get().key.closed_at == now


def test_who_brings_her_sees_it_until_it_is_over(reserved, case, ana, stranger, olga, now):
    def seen(user) -> int:
        with acting_as(user.acting()):
            return Placement.objects.count()

    request_placement(reserved, planned_to=timezone.localdate(now), escort_user=stranger, by=ana, now=now)
    assert (seen(stranger), seen(ana)) == (1, 1)
    decline_placement(reserved, reason="invented", by=olga, now=now)
    assert (seen(stranger), seen(ana)) == (0, 1)
