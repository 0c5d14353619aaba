import uuid

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.fields import FIELDS, NOTES_BYTES, FieldRefused
from amparo.line.contacts.forms import ConversationForm
from amparo.line.contacts.models import Contact, Draft
from amparo.line.contacts.rules import changed_since, save_draft
from tests.keys import key_for, let_in


@pytest.fixture
def page(contact, ana, now):
    """Return the save function of a page with its own draft key."""

    def page(by=ana):
        key = uuid.uuid4()

        def save(revision, based_on=0, on=contact, **changes):
            return save_draft(on, key=key, revision=revision, based_on=based_on, changes=changes, by=by, now=now)

        return save

    return page


def test_what_is_saved_is_there(page, fresh):
    saved = page()(1, notes="one", urgency="urgent")
    assert (saved.version, saved.conflicts) == (1, ())
    assert (fresh().notes, fresh().urgency) == ("one", "urgent")


def test_a_repeated_revision_changes_nothing(page, fresh):
    save = page()
    assert save(1, notes="one") == save(1, notes="one")
    save(1, notes="something else")
    assert (fresh().notes, fresh().version) == ("one", 1)
    assert Draft.objects.count() == 1


def test_a_late_revision_never_overwrites_but_brings_what_no_later_one_wrote(page, fresh):
    save = page()
    save(2, notes="two")
    save(1, notes="one", urgency="soon")
    assert (fresh().notes, fresh().urgency) == ("two", "soon")


def test_one_page_goes_on_from_its_own_unanswered_save(page, fresh):
    save = page()
    save(1, notes="one")  # the answer was lost: the page still has version 0
    assert not save(2, notes="one two").conflicts
    assert fresh().notes == "one two"


def test_two_pages_that_write_different_fields_both_win(page, fresh):
    first, second = page(), page()
    first(1, notes="one")
    assert not second(1, urgency="soon").conflicts
    assert (fresh().notes, fresh().urgency) == ("one", "soon")


def test_two_who_write_the_same_field_get_both_texts_and_nothing_is_overwritten(contact, page, rufino, fresh):
    let_in(rufino, contact)
    page()(1, notes="by Ana")
    saved = page(by=rufino)(1, notes="by Rufino", urgency="soon")
    (conflict,) = saved.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs, conflict.by) == ("notes", "by Rufino", "by Ana", "Ana F.")
    assert (fresh().notes, fresh().urgency) == ("by Ana", "soon")


def test_who_has_seen_the_other_text_may_replace_it(page, fresh):
    first, second = page(), page()
    version = first(1, notes="one").version
    assert not second(1, based_on=version, notes="both").conflicts
    assert first(2, based_on=version, notes="again").conflicts
    assert fresh().notes == "both"


def test_the_same_choice_made_twice_is_no_conflict(page, fresh):
    page()(1, urgency="soon")
    assert page()(1, urgency="soon").version == 1


def test_a_page_reads_what_changed_elsewhere_and_by_whom(page, contact, fresh):
    page()(1, notes="one")
    page()(1, urgency="soon")
    assert set(changed_since(fresh(), 0)) == {"notes", "urgency"}
    assert changed_since(fresh(), 1)["urgency"]["text"] == "soon"
    assert changed_since(fresh(), 1)["urgency"]["by"] == "Ana F."
    assert changed_since(fresh(), 2) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("urgency", "at once"), ("type", "x"), ("safe_to_talk", ""), ("place", "nowhere"), ("limits", "maybe"),
        ("safe_from", "25:00"), ("notes", "x" * (NOTES_BYTES + 1)), ("safe_who", "x" * 401), ("notes", "\ud800"),
        ("notes", None), ("notes", 7), ("urgency", ["soon"]), ("type", {}), ("safe_wanted", True),
    ],
)  # fmt: skip
def test_a_value_that_is_not_known_is_refused_by_name_and_nothing_is_kept(page, fresh, field, value):
    with pytest.raises(FieldRefused) as refusal:
        page()(1, caller_role="family", **{field: value})
    assert refusal.value.field == field
    assert str(FIELDS[field].label) in str(refusal.value)
    assert fresh().caller_role == ""


def test_a_field_that_is_not_known_is_refused(page):
    with pytest.raises(Refused, match="dato no reconocido"):
        page()(1, number="2031")


def test_the_longest_notes_are_kept(page, fresh):
    page()(1, notes="ñ" * (NOTES_BYTES // 2))
    assert fresh().notes == "ñ" * (NOTES_BYTES // 2)


@pytest.mark.parametrize("numbers", [(0, 0), (-1, 0), (1, -1), (2**31, 0), (1, 2**31)])
def test_a_save_that_cannot_be_counted_is_refused(page, numbers):
    with pytest.raises(Refused, match="No se pudo guardar"):
        page()(*numbers, notes="x")


def test_a_draft_key_belongs_to_one_contact(page, contact, ana, now):
    other = Contact.objects.create(operator=ana, started=now, channel="walk_in", key=key_for(ana))
    let_in(ana, other)
    save = page()
    save(1, notes="one")
    with pytest.raises(Refused):
        save(2, on=other, notes="two")


def test_a_stranger_cannot_write(page, rufino, fresh):
    with pytest.raises(Refused):
        page(by=rufino)(1, notes="x")
    assert fresh().notes is None


def test_a_supervisor_may_write(page, marta, fresh):
    page(by=marta)(1, notes="x")
    assert fresh().notes == "x"


def test_every_field_that_may_be_kept_is_on_the_form_and_reads_as_it_is_shown(contact):
    assert set(ConversationForm().fields) == set(FIELDS)
    form = ConversationForm.of(contact)
    assert form["safe_to_talk"].value() == "not_asked"
    assert form["language"].value() == "qu"
