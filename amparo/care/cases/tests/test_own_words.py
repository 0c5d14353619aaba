"""The person's own words stand beside the answer that they support, as long as the answer and the file do."""

import pytest
from django.test import Client

from amparo.care.screening.models import Quotation
from amparo.care.screening.rules import answer, own_words, quotations_in, quote
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact

ITEM = "coercion_destination.documents_taken"
WORDS = "they keep it in a drawer"


@pytest.fixture
def person(case, ana, now):
    answer(case.persons[0], {ITEM: "yes"}, by=ana, now=now)
    return case.persons[0]


def kept(person, user) -> dict[str, str]:
    with acting_as(user.acting()):
        return own_words(person)


def page(case, person, user, rest: str = "", **sent: str) -> str:
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(user)
    where = f"/cases/{case.pk}/people/{person.pk}/screening{rest}?language=en"
    return (client.post(where, {"version": "9", **sent}) if sent else client.get(where)).content.decode()


def test_they_are_written_with_the_answer_and_shown_beside_it_and_beside_the_sign(case, person, ana):
    page(case, person, ana, **{ITEM: "yes", "words": f" {WORDS}\n"})
    assert kept(person, ana) == {ITEM: WORDS}
    assert f"«{WORDS}»" in page(case, person, ana)
    assert f"«{WORDS}»" in page(case, person, ana, "/signs")
    assert f'value="{WORDS}"' in page(case, person, ana, again=ITEM)  # to be corrected


def test_the_last_ones_stay_and_blank_ones_are_none(person, ana, now):
    for words in ("at first", WORDS):
        quote(person, ITEM, words, by=ana, now=now)
    assert kept(person, ana) == {ITEM: WORDS}
    quote(person, ITEM, " ", by=ana, now=now)
    assert kept(person, ana) == {}


def test_they_go_with_the_answer_that_is_taken_back(case, person, ana, now):
    quote(person, ITEM, WORDS, by=ana, now=now)
    page(case, person, ana, leave=ITEM, words=WORDS)
    assert kept(person, ana) == {}


def test_words_without_an_answer_and_a_whole_story_are_refused(person, ana, now):
    with pytest.raises(Refused, match="Answer it first"):
        quote(person, "act.recruitment", WORDS, by=ana, now=now)
    with pytest.raises(Refused, match="at most 300 characters"):
        quote(person, ITEM, "word " * 61, by=ana, now=now)
    quote(person, ITEM, "w" * 300, by=ana, now=now)  # the control


def test_a_stranger_neither_writes_nor_reads_them(person, ana, stranger, now):
    with pytest.raises(Refused):
        quote(person, ITEM, WORDS, by=stranger, now=now)
    quote(person, ITEM, WORDS, by=ana, now=now)
    assert kept(person, stranger) == {}


def test_writing_and_reading_are_in_the_ledger(person, ana, now):
    quote(person, ITEM, WORDS, by=ana, now=now)
    before = Entry.objects.filter(what="look").count()
    assert kept(person, ana)
    assert Entry.objects.filter(what="look").count() == before + 1
    assert Entry.objects.filter(what="quote", user_id=ana.pk).count() == 1


def test_they_are_forgotten_with_the_file(person, ana, now):
    quote(person, ITEM, WORDS, by=ana, now=now)
    with acting_as(ana.acting()):
        DataKey.objects.get(pk=person.key_id).forget()
    assert not Quotation.objects.exists()


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ('She said «it is mine» and “he keeps\nit”, then "no".', ["it is mine", "he keeps it", "no"]),
        ("«again» «again» «»", ["again"]),
        ("nothing quoted", []),
        (f"«{'w' * 301}»", []),
        (None, []),
    ],
)
def test_what_stands_in_quotation_marks_is_found_in_notes(notes, found):
    assert quotations_in(notes) == found


def test_what_the_notes_quote_is_proposed_to_whom_works_on_the_contact(case, person, contact, ana, marta):
    with acting_as(ana.acting()):
        written = Contact.objects.get(pk=contact.pk)
        written.notes = f"She told «{WORDS}»."
        written.save(update_fields=["notes"])
    assert f'<option value="{WORDS}">' in page(case, person, ana)
    assert WORDS not in page(case, person, marta)  # supervisors say why first
