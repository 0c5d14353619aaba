import json
from pathlib import Path

import pytest

from amparo.line.contacts import picklists
from amparo.line.contacts.forms import ENDINGS, LEVELS, ConversationForm
from amparo.line.contacts.models import Contact

SHIPPED = json.loads((Path(picklists.__file__).parent / "data" / "picklists.json").read_text())["picklists"]
ENUMS = {
    "channel": picklists.Channel, "contact_type": picklists.Type, "caller_role": picklists.CallerRole,
    "privacy_choice": picklists.PrivacyChoice, "urgency": picklists.Urgency, "heard_of_us": picklists.HeardOfUs,
}  # fmt: skip


@pytest.mark.parametrize("name", ENUMS)
def test_values_and_english_words_are_those_of_the_shipped_list(name, settings):
    from django.utils.translation import override

    with override("en"):
        words = [(str(choice.value), str(choice.label)) for choice in ENUMS[name]]
    assert words == [(row["value"], row["label_en"]) for row in SHIPPED[name]]


def test_no_shipped_list_is_left_out():
    assert set(ENUMS) == set(SHIPPED) - {"substantive"}


@pytest.mark.parametrize("type", picklists.Type)
def test_a_contact_is_substantive_as_the_shipped_rule_says(type):
    assert Contact(type=type).is_substantive is (type in SHIPPED["substantive"]["true_for"])


def test_a_contact_without_a_type_is_not_substantive():
    assert not Contact().is_substantive


def test_not_asked_not_said_and_nothing_written_are_different():
    assert len({picklists.SafeToTalk.NOT_ASKED, picklists.CallerRole.NOT_SAID, ""}) == 3
    assert len({picklists.HeardOfUs.NOT_ASKED, picklists.HeardOfUs.NOT_KNOWN, ""}) == 3


def test_every_type_can_be_chosen_and_nine_have_a_key():
    endings = ConversationForm().endings
    assert {option.data["value"] for _, option in endings} == set(picklists.Type.values)
    assert [key for key, _ in endings if key] == list("123456789")
    assert len(set(ENDINGS)) == 9


def test_every_privacy_choice_is_explained():
    assert set(LEVELS) == set(picklists.PrivacyChoice)
