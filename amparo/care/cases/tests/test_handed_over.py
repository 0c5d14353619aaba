"""Hand-over notes reach the right people, and late cases are visible without searching."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, hand_over, read_hand_over
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.screens.desk.other_work import other_work


def handed_over_to(user) -> bool:
    client = Client()
    client.force_login(user)
    return Case.objects.get().code in client.get("/cases", {"show": "left"}).content.decode()


def seen_by(user, at):
    with acting_as(user.acting()):
        found = other_work(user, at).cases
        return found.late, found.left


def test_the_team_sees_a_note_until_somebody_reads_it(team, ana, ines, stranger, now):
    left = hand_over(team, where_it_stands="invented", by=ana, now=now)
    assert [handed_over_to(user) for user in (ana, ines, stranger)] == [False, True, False]
    assert [seen_by(user, now)[1] for user in (ana, ines, stranger)] == [0, 1, 0]
    read_hand_over(left, by=ines, now=now)
    assert not handed_over_to(ines)


def test_a_note_for_one_colleague_waits_only_for_them(team, ana, ines, marta, now):
    add_member(team, marta, by=ana, now=now)
    hand_over(team, where_it_stands="invented", to=marta, by=ana, now=now)
    assert [handed_over_to(user) for user in (ines, marta)] == [False, True]


def test_a_note_is_addressed_to_a_member_of_the_team(team, ana, stranger, now):
    for to, why in ((ana, "A colleague reads"), (stranger, "Let them join first")):
        with pytest.raises(Refused, match=why):
            hand_over(team, where_it_stands="invented", to=to, by=ana, now=now)
    assert team.hand_overs.count() == 0


def test_two_that_nobody_has_read_are_both_on_the_page(team, ana, ines, now):
    hand_over(team, where_it_stands="what the evening left", by=ana, now=now)
    hand_over(team, where_it_stands="what the night left", by=ana, now=now + timedelta(hours=8))
    client = Client()
    client.force_login(ines)
    shown = client.get(f"/cases/{team.pk}").content.decode()
    assert shown.index("what the night left") < shown.index("what the evening left")


def test_what_is_late_is_seen_by_the_team_and_by_every_supervisor(case, ana, stranger, marta):
    late = case.next_due + timedelta(minutes=1)
    assert [seen_by(user, late)[0] for user in (ana, stranger, marta)] == [1, 0, 1]
    assert [seen_by(user, timezone.now())[0] for user in (ana, marta)] == [0, 0]
