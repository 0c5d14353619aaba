import pytest

from amparo.line.contacts import picklists
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
