"""The form asks of somebody who writes what fits to writing, and of somebody who calls what fits to a call."""

import pytest
from django.utils import translation

from amparo.line.contacts.forms import ConversationForm
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel


def label_for(channel: str) -> str:
    with translation.override("es"):
        return str(ConversationForm().worded_for(Contact(channel=channel)).fields["safe_to_talk"].label)


@pytest.mark.parametrize("channel", ["chat", "sms", "whatsapp", "email"])
def test_who_writes_is_asked_whether_they_can_write(channel):
    assert label_for(channel) == "¿La persona puede escribir sin peligro?"


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.WALK_IN, Channel.OUTGOING])
def test_who_speaks_is_asked_whether_they_can_talk(channel):
    assert label_for(channel) == "¿La persona puede hablar sin peligro?"
