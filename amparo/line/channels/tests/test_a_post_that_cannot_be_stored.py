"""One post of a provider that cannot be stored holds up no other, and is tried again."""

from django.utils import timezone

from amparo.line.channels import webhooks
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat

HER, WORDS, BAD = "51900000456", "invented words", "cannot be stored"


def theirs() -> set[str]:
    chat = Chat.objects.select_related("key").get()
    return {each.text for each in chat.read() if each.from_bearer}


def test_the_next_one_goes_on(gateway, minute, db, caplog):
    gateway.text(HER, BAD, ago=2)
    gateway.text(HER, WORDS, ago=1)
    gateway.forward()

    def keep(arrival):
        if arrival.text == BAD:
            raise ValueError(arrival.text)
        return take_in(Sms(), arrival, now=timezone.now())

    assert Sms().receive(keep) == 1
    assert (theirs(), len(list(webhooks.stored_posts("sms")))) == ({WORDS}, 1)
    assert ("ValueError" in caplog.text, f": {BAD}" in caplog.text, HER in caplog.text) == (True, False, False)
    minute()
    assert (theirs(), list(webhooks.stored_posts("sms"))) == ({WORDS, BAD}, [])
