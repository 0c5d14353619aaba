"""Who forges an address decides nothing for its owner, and the operator sees it."""

import pytest

from amparo.line.channels.email.authentication import is_forged
from amparo.line.chat.models import Chat, OptOut

FORGED = "mx.example; spf=fail smtp.mailfrom=correo.example; dkim=none; dmarc=fail header.from=correo.example"
GENUINE = "mx.example; spf=pass; dkim=pass; dmarc=pass header.from=correo.example"


def theirs() -> list[str]:
    chat = Chat.objects.select_related("key").get()
    return [each.text for each in chat.read() if each.from_bearer]


@pytest.mark.parametrize(("results", "opt_outs"), [(FORGED, 0), (GENUINE, 1)])
def test_a_forged_word_opts_nobody_out(write, minute, relay, results, opt_outs):
    write()
    minute()
    write("BAJA", Authentication_Results=results)
    minute()
    assert OptOut.objects.count() == opt_outs
    assert ["SENDER NOT CONFIRMED" in each for each in theirs()] == [False, not opt_outs][: len(theirs())]


def test_a_forged_first_message_is_shown_and_gets_no_answer(write, minute, relay):
    write(Authentication_Results=FORGED)
    minute()
    assert relay.handler.received == []
    assert "SENDER NOT CONFIRMED" in theirs()[0]


@pytest.mark.parametrize(
    ("headers", "provider", "forged"),
    [
        ([FORGED], "", True),
        ([GENUINE, FORGED], "", False),
        (["filter.example; spf=fail", GENUINE], "mx.example", False),
        ([FORGED, GENUINE], "mx.example", True),  # the sender wrote the lower one
        (["mx.example; spf=softfail; dkim=none"], "", True),
        (["mx.example; spf=fail; dkim=pass"], "", False),
        (['mx.example; dmarc=fail reason="; dmarc=pass" (; dmarc=pass)'], "", True),
        (['mx.example; spf=pass smtp.mailfrom="; dmarc=fail"; dmarc=pass'], "", False),
        ([], "mx.example", False),
        (["mx.example; dkim=none", "mx.example; dmarc=fail"], "", True),  # one header for each method
        (["filter.example; spf=pass", FORGED], "mx.example", True),
        (["mx.example; spf=fail", "mx.example; dkim=pass; dmarc=pass"], "", False),
    ],
)
def test_the_topmost_word_of_the_provider_counts(headers, provider, forged):
    assert is_forged(headers, provider) is forged
