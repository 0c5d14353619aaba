"""Two people edit one case: changes to different fields are merged, and no change is overwritten unseen."""

import pytest

from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import change_case
from amparo.foundation.core.edit_conflicts import EditConflict


def test_different_fields_are_both_kept(team, ana, ines, now, fresh):
    change_case(team, based_on=0, situation="what Ana wrote", by=ana, now=now)
    change_case(team, based_on=0, urgency="urgent", by=ines, now=now)
    assert (fresh().situation, fresh().urgency) == ("what Ana wrote", "urgent")
    assert team.entries.get(kind=EntryKind.URGENCY).about == "urgent"


def test_a_conflict_shows_the_other_value(team, ana, ines, now, fresh):
    change_case(team, based_on=0, situation="what Ana wrote", by=ana, now=now)
    with pytest.raises(EditConflict, match="Ana F") as refusal:
        change_case(team, based_on=0, situation="what Inés wrote", by=ines, now=now)
    assert (refusal.value.field, refusal.value.theirs) == ("situation", "what Ana wrote")
    assert fresh().situation == "what Ana wrote"


def test_nothing_of_a_refused_change_is_kept(team, ana, ines, now, fresh):
    change_case(team, based_on=0, situation="what Ana wrote", by=ana, now=now)
    with pytest.raises(EditConflict):
        change_case(team, based_on=0, urgency="urgent", situation="what Inés wrote", by=ines, now=now)
    assert fresh().urgency == "routine"


def test_a_user_who_saw_the_change_may_overwrite_it(team, ana, ines, now, fresh):
    seen = change_case(team, based_on=0, situation="what Ana wrote", by=ana, now=now).version
    change_case(team, based_on=seen, situation="what both say", by=ines, now=now)
    assert fresh().situation == "what both say"


def test_the_same_words_are_no_conflict(team, ana, ines, now, fresh):
    change_case(team, based_on=0, situation="the same", by=ana, now=now)
    change_case(team, based_on=0, situation="the same", by=ines, now=now)
    assert fresh().version == 1
