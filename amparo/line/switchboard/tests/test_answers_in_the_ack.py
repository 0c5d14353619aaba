"""Who calls without an offer answers ours in the ACK. An answer that cannot be used holds nothing and opens nothing."""

import asyncio
import base64

import pytest

from amparo.line.switchboard.sip.tests.phone import Phone as PlainPhone
from amparo.line.switchboard.sip.tests.texts import sdp, status

ELSEWHERE = sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP6 2001:db8::1")  # this exchange has IPv4 alone
KEY = base64.b64encode(bytes(range(30))).decode()
ENCRYPTED = sdp().replace("RTP/AVP", "RTP/SAVP") + f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"


@pytest.fixture
async def plain(exchange):
    phone = await PlainPhone().open(("127.0.0.1", exchange.port))
    phone.acknowledges = False
    yield phone
    phone.close()


@pytest.mark.parametrize("answer", [ELSEWHERE, sdp()], ids=["unusable", "the control"])
async def test_an_unusable_answer_in_the_ack_ends_the_call(exchange, plain, answer):
    call = await plain.dial("ayuda", body="")
    assert call.code == 200
    plain.send(plain.request("ACK", call, call.seq, answer))
    if answer == ELSEWHERE:
        await exchange.until(lambda: call.byes and not exchange.ports.taken_count)
        assert len(exchange.telephones.pending) == 0
    else:
        await exchange.until(lambda: exchange.board.calls)
    assert exchange.telephones.agent.endpoint.failed == 0


async def test_an_answer_in_the_ack_takes_no_key_away(exchange, plain):
    """A session refresh without an offer is answered by ours, with our key. A plain answer would open the sound."""
    call = await plain.dial("ayuda", body=ENCRYPTED)
    assert "RTP/SAVP" in call.final
    plain.send(call.ack)
    live = await exchange.until(lambda: next(iter(exchange.board.calls.values()), None))
    assert live.caller.is_encrypted
    answer = await plain.transact(plain.request("INVITE", call, 2))
    assert (status(answer), "a=crypto" in answer) == (200, True)
    plain.send(plain.request("ACK", call, 2, sdp()))
    await asyncio.sleep(0.5)
    assert live.caller.is_encrypted
    assert exchange.telephones.agent.endpoint.failed == 0
    assert not live.has_ended
    assert status(await plain.transact(plain.request("INVITE", call, 3, sdp()))) == 488  # the same as an offer
