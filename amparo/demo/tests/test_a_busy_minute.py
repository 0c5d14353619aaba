"""Five invented people call a real hotline; an invented operator takes those who are still there when he comes."""


def the(rows, **what):
    """The one row of which all this is so."""
    (found,) = [row for row in rows if all(row[name] == value for name, value in what.items())]
    return found


def test_each_call_arrives_once(played):
    assert len(played.calls) == len(played.numbers) == 5
    assert all(call["state"] == "ended" for call in played.calls)


def test_keys_choose_the_language(played):
    assert the(played.calls, language="en")["answered_at"]


def test_who_is_in_danger_waits_is_answered_and_ends(played):
    call = the(played.calls, danger=True)
    kinds = ["arrived", "danger", "waiting", "ringing", "answered", "ended"]
    assert [kind for kind in call["events"] if kind in kinds] == kinds
    assert call["waiting_since"] < call["answered_at"] < call["ended_at"]


def test_who_cannot_speak_says_so_by_a_key_and_gives_up(played):
    call = the(played.calls, silent=True)
    assert "silent" in call["events"]
    assert call["ending"] == "gave_up"


def test_who_hangs_up_in_the_menu_never_waited(played):
    assert the(played.calls, waiting_since=None)["ending"] == "gave_up"


def test_who_wants_to_be_called_back_leaves_a_number(played):
    assert the(played.calls, ending="message")
    assert played.numbers_left == ["000000007"]


def test_both_hear_each_other(played):
    assert played.callers_heard_the_operator
    assert "Ayúdeme, por favor." in the(played.contacts, urgency="immediate")["notes"]


def test_the_operator_wraps_up_what_was_understood(played):
    assert len(played.contacts) == 2
    assert {contact["state"] for contact in played.contacts} == {"wrapped"}
    assert the(played.contacts, type="report")["language"] == "en"
    crisis = the(played.contacts, type="crisis")
    assert crisis["caller_role"] == "person_at_risk"
    assert crisis["version"] > 1  # what is said is saved as it is typed, not at the end


def test_the_summary_is_what_the_database_holds(played):
    assert "calls 5, answered 2, gave up 2, left a message 1, median wait" in played.summary
