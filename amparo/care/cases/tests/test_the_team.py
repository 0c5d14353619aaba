"""A case is worked by a team; who leaves it sees it no longer, and a shift hands over to the next in three lines."""

import pytest

from amparo.care.cases.models import Case, HandOver
from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import add_member, hand_over, read_hand_over, remove_member, take_charge
from amparo.care.people.models import Identity
from amparo.care.people.rules import identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact


@pytest.fixture
def identified(case, ana, now):
    return identify(case.persons[0], purpose=Purpose.CARE, names="Inventada Demo", by=ana, now=now)


def seen(user) -> tuple[int, int, int]:
    with acting_as(user.acting()):
        return Case.objects.count(), Identity.objects.count(), Contact.objects.count()


def test_who_joins_sees_it_its_people_and_its_contacts(identified, case, ana, ines, now):
    assert seen(ines) == (0, 0, 0)
    for _ in range(2):
        add_member(case, ines, by=ana, now=now)
    assert seen(ines) == (1, 1, 1)
    assert case.entries.filter(kind=EntryKind.JOINED).count() == 1


def test_who_leaves_sees_it_no_longer(identified, team, ana, ines, now):
    remove_member(team, ines, by=ana, now=now)
    assert seen(ines) == (0, 0, 0)


def test_who_was_in_the_conversation_still_reads_that(identified, team, ana, now):
    remove_member(team, ana, by=ana, now=now)
    assert seen(ana) == (0, 0, 1)


def test_a_team_is_never_empty(case, ana, now):
    with pytest.raises(Refused, match="Somebody has to stay"):
        remove_member(case, ana, by=ana, now=now)
    assert seen(ana)[0] == 1


def test_a_stranger_lets_nobody_in(case, stranger, now):
    with pytest.raises(Refused):
        add_member(case, stranger, by=stranger, now=now)
    assert seen(stranger)[0] == 0


def test_who_follows_no_cases_cannot_be_let_in(case, ana, outsider, now):
    with pytest.raises(Refused):
        add_member(case, outsider, by=ana, now=now)
    assert seen(outsider)[0] == 0


def test_a_supervisor_takes_it_in_hand(case, marta, now, fresh):
    take_charge(case, by=marta, now=now)
    assert fresh().holder == marta


def test_what_is_handed_over_is_in_nobodys_hand_until_it_is_read(team, ana, ines, now, fresh):
    left = hand_over(team, where_it_stands="invented", what_not_to_ask="their age", by=ana, now=now)
    assert fresh().holder is None
    for _ in range(2):
        read_hand_over(left, by=ines, now=now)
    assert fresh().holder == ines
    assert HandOver.objects.get().read_by == ines
    assert [e.kind for e in team.entries.order_by("-number")[:2]] == [EntryKind.TAKEN, EntryKind.READ_OVER]


def test_nobody_reads_their_own(team, ana, now, fresh):
    left = hand_over(team, where_it_stands="invented", by=ana, now=now)
    with pytest.raises(Refused, match="colleague"):
        read_hand_over(left, by=ana, now=now)
    assert fresh().holder is None


def test_one_line_at_least(team, ana, now, fresh):
    with pytest.raises(Refused, match="where it stands"):
        hand_over(team, where_it_stands="  ", by=ana, now=now)
    assert fresh().holder == ana
