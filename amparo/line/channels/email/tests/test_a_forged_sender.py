"""Who forges an address decides nothing for its owner, and the operator sees it."""

import uuid

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.line.channels.email.authentication import is_forged
from amparo.line.channels.email.parsing import AutomaticEmail, arrival_of
from amparo.line.channels.rules import answer_in_channel
from amparo.line.chat.models import Chat, ChatMessage, Delivery, OptOut
from amparo.line.chat.rules import UNANSWERED
from amparo.line.contacts.rules import take_chat

from .conftest import WORDS
from .servers import ADDRESS

FORGED = "mx.example; spf=fail smtp.mailfrom=correo.example; dkim=none; dmarc=fail header.from=correo.example"
GENUINE = "mx.example; spf=pass; dkim=pass; dmarc=pass header.from=correo.example"


def theirs() -> list[str]:
    """What was written to us, by conversation and within it by time."""
    chats = Chat.objects.select_related("key").order_by("begun_at")
    return [each.text for chat in chats for each in chat.read() if each.from_bearer]


@pytest.mark.parametrize(("results", "opt_outs"), [(FORGED, 0), (GENUINE, 1)])
def test_a_forged_word_opts_nobody_out(write, minute, relay, results, opt_outs):
    write()
    minute()
    write("BAJA", Authentication_Results=results)
    minute()
    assert OptOut.objects.count() == opt_outs
    assert sorted("SENDER NOT CONFIRMED" in each for each in theirs()) == [False, not opt_outs][: len(theirs())]


def test_a_forged_first_message_is_shown_and_gets_no_answer(write, minute, relay):
    write(Authentication_Results=FORGED)
    minute()
    assert relay.handler.received == []
    assert "SENDER NOT CONFIRMED" in theirs()[0]


def test_forgeries_take_nothing_from_whose_address_they_bear(write, minute, relay, mailbox):
    """Neither her place among the messages that wait, nor her first answer."""
    for number in range(UNANSWERED + 1):
        write(f"{WORDS} {number}", Authentication_Results=FORGED)
    minute()
    write("from herself", Authentication_Results=GENUINE, ago=1)
    minute()
    assert "from herself" in theirs()[-1]
    assert len(relay.handler.received) == 1
    assert mailbox.count() == 0


def test_who_opted_out_gets_no_answer_to_a_forgery(write, minute, relay, ana, now):
    """Somebody else may read her mailbox: an answer to a forged e-mail would arrive there."""
    write(Authentication_Results=FORGED)
    minute()
    chat = Chat.objects.get()
    take_chat(chat, by=ana, now=now)
    answer_in_channel(chat, "an answer", pk=uuid.uuid4(), by=ana, now=now)
    write("BAJA", ago=1, Authentication_Results=GENUINE)
    minute()
    with pytest.raises(Refused):
        answer_in_channel(chat, "another answer", pk=uuid.uuid4(), by=ana, now=now)
    assert relay.handler.received == []
    assert ChatMessage.objects.filter(from_bearer=False).get().delivery == Delivery.CANCELLED


def test_a_forgery_with_the_id_of_a_message_does_not_hide_it(write, minute, relay):
    write("forged", id="<1@correo.example>", Authentication_Results=FORGED)
    write("from herself", id="<1@correo.example>", ago=1, Authentication_Results=GENUINE)
    minute()
    assert "from herself" in theirs()[-1]


TWO_SENDERS = b"From: other@elsewhere.example\nFrom: maria.planted@correo.example\nSubject: Ayuda\n\nBAJA"
A_SENDER_IN_A_SUBJECT = b"From: \nSubject: x\rFrom: maria.planted@correo.example\n\nBAJA"
NAME_WITHOUT_QUOTES = b"From: Planted, Maria <Maria.Planted@correo.example>\nSubject: Ayuda\n\nBAJA"


@pytest.mark.parametrize(
    ("sender", "forged"),
    [
        ("maria@correo.example", False),
        ("<maria@correo.example>", False),
        ('"Planted, Maria: \\"m@home\\"" <maria@correo.example>', False),
        ("=?utf-8?q?Mar=C3=ADa?= (casa) <maria@correo.example>", False),
        ("friends: maria@correo.example;", True),
        ("maria@correo.example (other <other@elsewhere.example>)", True),
        ("<@elsewhere.example:maria@correo.example>", True),
        ('"maria@correo.example"', True),
    ],
)
def test_a_provider_may_read_another_sender_in_what_is_no_plain_address(sender, forged, now):
    arrival = arrival_of(f"From: {sender}\nSubject: Ayuda\n\nBAJA".encode(), now, ADDRESS)
    assert (arrival.address, arrival.is_forged) == ("maria@correo.example", forged)


def test_letters_that_become_another_domain_are_kept(now):
    arrival = arrival_of("From: maria@stra\u00dfe.example\n\nAyuda".encode(), now, ADDRESS)
    assert arrival.address == "maria@stra\u00dfe.example"


@pytest.mark.parametrize(
    ("raw", "address"),
    [(TWO_SENDERS, "other@elsewhere.example"), (NAME_WITHOUT_QUOTES, "maria.planted@correo.example")],
)
def test_a_sender_who_can_be_read_in_two_ways_is_not_confirmed(raw, address, now):
    arrival = arrival_of(raw, now, ADDRESS)
    assert (arrival.address, arrival.is_forged) == (address, True)


def test_a_subject_holds_no_second_sender(now):
    with pytest.raises(AutomaticEmail):  # it has no sender
        arrival_of(A_SENDER_IN_A_SUBJECT, now, ADDRESS)


@pytest.mark.parametrize(
    ("headers", "provider", "forged"),
    [
        ([FORGED], "", True),
        ([GENUINE, FORGED], "", False),
        (["filter.example; spf=fail", GENUINE], "mx.example", False),
        ([FORGED, GENUINE], "mx.example", True),  # the sender wrote the lower one
        (["mx.example; spf=softfail; dkim=none"], "", True),
        (["mx.example; spf=fail; dkim=pass"], "", False),
        (["mx.example; spf=fail; dkim=pass header.d=correo.example"], "", False),
        (["mx.example; spf=fail; dkim=pass header.i=@correo.example"], "", False),
        (["mx.example; spf=fail; dkim=pass header.d=elsewhere.example"], "", True),
        (["mx.example; spf=pass smtp.mailfrom=a(@correo.example; dmarc=fail"], "", True),
        (['mx.example; spf=pass smtp.mailfrom=a"@correo.example; dmarc=fail'], "", True),
        ([GENUINE, "other.example; spf=pass smtp.mailfrom=a(@correo.example"], "", False),
        (['mx.example; dmarc=fail reason="; dmarc=pass" (; dmarc=pass)'], "", True),
        (['mx.example; spf=pass smtp.mailfrom="; dmarc=fail"; dmarc=pass'], "", False),
        ([], "mx.example", False),
        (["mx.example; dkim=none", "mx.example; dmarc=fail"], "", True),  # one header for each method
        (["filter.example; spf=pass", FORGED], "mx.example", True),
        (["mx.example; spf=fail", "mx.example; dkim=pass; dmarc=pass"], "", False),
        (["mx.example; dmarc=pass header.from=elsewhere.example"], "", True),  # it read another sender than we
        (["mx.example; spf=pass smtp.mailfrom=elsewhere.example; dkim=none; dmarc=none"], "", True),
        (["mx.example; spf=pass smtp.mailfrom=a@correo.example; dkim=none; dmarc=none"], "", False),
        (["mx.example; spf=pass smtp.mailfrom=lists.example; dkim=pass header.d=correo.example"], "", False),
        # The sender chose what stands before the last @, the alphabet of a domain, and the name of the server.
        (["mx.example; spf=pass smtp.mailfrom=correo.example@_x.elsewhere.example; dmarc=none"], "", True),
        (["mx.example; spf=pass smtp.mailfrom=correo.example@ñandú.example; dmarc=none"], "", True),
        (["mx.example; spf=pass smtp.mailfrom=ñandú.example; dmarc=none"], "", True),
        (['mx.example; spf=pass smtp.mailfrom="a b@elsewhere.example"; dmarc=none'], "", True),
        (["mx.example; spf=pass smtp.helo=smtp.mailfrom=correo.example smtp.mailfrom=a@elsewhere.example"], "", True),
        (["mx.example; spf=fail; dkim=pass header.i=correo.example@_x.elsewhere.example"], "", True),
        (["mx.example; spf=pass smtp.helo=x.example smtp.mailfrom=CORREO.example."], "", False),
        (["mx.example; spf=pass" + "; dkim=none" * 2000], "", True),  # it was cut, and may have said more
    ],
)
def test_the_topmost_word_of_the_provider_counts(headers, provider, forged):
    assert is_forged(headers, provider, "correo.example") is forged


@pytest.mark.parametrize("checked", ["ñandú.example", "xn--and-6ma2c.example", "correo.ñandú.example"])
def test_a_domain_in_another_alphabet_is_the_same_however_the_provider_writes_it(checked):
    headers = [f"mx.example; dmarc=pass header.from={checked}"]
    assert not is_forged(headers, "", "ñandú.example")
    assert is_forged(headers, "", "nandu.example")  # the control
