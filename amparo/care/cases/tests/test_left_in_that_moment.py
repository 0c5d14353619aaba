"""A member leaves the team at the same moment as they write: they are refused, and nothing breaks."""

import pytest

from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import remove_member, write_note
from amparo.care.people.rules import describe_person
from amparo.foundation.core.refusal import Refused
from tests.in_that_moment import second_while

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_more_is_written_in_the_case(team, ana, ines, now):
    (refusal,) = second_while(
        lambda: remove_member(team, ines, by=ana, now=now), lambda: write_note(team, "invented words", by=ines, now=now)
    )
    assert isinstance(refusal, Refused)
    assert not team.entries.filter(kind=EntryKind.NOTE).exists()


def test_nothing_more_is_written_of_a_person(team, ana, ines, now):
    person = team.persons[0]

    def leaves() -> None:
        describe_person(person, gender="feminine", by=ana, now=now)
        remove_member(team, ines, by=ana, now=now)

    (refusal,) = second_while(leaves, lambda: describe_person(person, remarks="invented words", by=ines, now=now))
    assert isinstance(refusal, Refused)
