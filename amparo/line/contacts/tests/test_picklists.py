import pytest
from django.utils import translation

from amparo.foundation.core.picklists import Changes, OwnWord
from amparo.foundation.words import rules as words
from amparo.line.contacts import picklists
from amparo.line.contacts.fields import FIELDS, FieldRefused, parse_fields
from amparo.line.contacts.forms import ENDINGS, LEVELS, ConversationForm
from amparo.line.contacts.models import Contact

NO_CONVERSATION = {"silent", "hang_up", "cut", "wrong_number", "test", "prank"}


@pytest.mark.parametrize("type", picklists.Type.values)
def test_a_contact_is_substantive_unless_nobody_told_anything(type):
    assert Contact(type=type).is_substantive is (type not in NO_CONVERSATION)


def test_a_contact_without_a_type_is_not_substantive():
    assert not Contact().is_substantive


def test_not_asked_not_said_and_nothing_written_are_different():
    assert len({picklists.SafeToTalk.NOT_ASKED, picklists.CallerRole.NOT_SAID, ""}) == 3
    assert len({picklists.HeardOfUs.NOT_ASKED, picklists.HeardOfUs.NOT_KNOWN, ""}) == 3


def test_every_type_can_be_chosen_and_nine_have_a_key():
    endings = ConversationForm().endings
    assert {option.data["value"] for _, option in endings} == set(picklists.Type.values) - {"cut"}
    assert [key for key, _ in endings if key] == list("123456789")
    assert len(set(ENDINGS)) == 9


def test_every_privacy_choice_is_explained():
    assert set(LEVELS) == set(picklists.PrivacyChoice)


@pytest.mark.parametrize(("field", "list"), [("heard_of_us", "heard-of-us"), ("caller_role", "callers")])
def test_a_word_that_the_line_added_is_an_answer_as_any_other(field, list):
    with pytest.raises(FieldRefused):
        parse_fields({field: "own-01"})
    retired = OwnWord("Comedor inventado", "Invented kitchen", is_retired=True)
    words.keep({list: Changes(words=(("own-01", OwnWord("Feria inventada", "Invented fair")), ("own-02", retired)))})
    assert parse_fields({field: "own-01"}) == {field: "own-01"}
    with translation.override("en"):
        assert FIELDS[field].say("own-01") == "Invented fair"
        contact = Contact(**{field: "own-02"})
        assert getattr(contact, f"get_{field}_display")() == "Invented kitchen"
        chosen = str(ConversationForm(initial={field: "own-02"})[field])
    assert ">Invented fair<" in chosen
    assert '<option value="own-02" selected>Invented kitchen<' in chosen
    assert "Invented kitchen" not in str(ConversationForm()[field]), "nobody is offered a retired word"
