"""A flood of requests that set up no call takes no places from calls."""

import asyncio

import pytest

from amparo.line.switchboard.sip import endpoint

from .malformed import TYPED, request
from .phone import Phone
from .texts import eventually, new_branch, sdp, status

MANY = 40


@pytest.fixture
async def stranger(switchboard):
    stranger = await Phone().open(switchboard.address, "127.0.0.9")
    yield stranger
    stranger.close()


async def flood(stranger, switchboard, texts: list[bytes]) -> None:
    """Send these, and wait until each of them has been answered."""
    for text in texts:
        stranger.send(text.decode().replace("127.0.0.1:9", stranger.address))
        await asyncio.sleep(0)
    await eventually(lambda: sum(entry.startswith("SIP/2.0") for entry in stranger.log) >= len(texts))


ALIEN = {
    "CANCELs of no INVITE": [request("CANCEL") for _ in range(MANY)],
    "INVITEs within no call": [request(To="<sip:ivr@127.0.0.1>;tag=x", body=sdp(), extra=TYPED) for _ in range(MANY)],
    "INVITEs without usable sound": [request(body="v=0", extra=TYPED) for _ in range(MANY)],
    "INVITEs of another kind": [request(body="x") for _ in range(MANY)],
    "INVITEs that loop": [request(body=sdp(), extra=TYPED, Max_Forwards="0") for _ in range(MANY)],
}


@pytest.mark.parametrize("texts", ALIEN.values(), ids=ALIEN)
async def test_a_caller_gets_through(texts, switchboard, stranger, phone, monkeypatch):
    monkeypatch.setattr(endpoint, "MAX_TRANSACTIONS", MANY // 2)
    await flood(stranger, switchboard, texts)
    assert len(switchboard.agent.endpoint.servers) <= MANY // 4
    assert (await phone.dial("ivr")).code == 200


async def test_calls_that_are_up_do_take_places(switchboard, phone, monkeypatch):
    """The control."""
    monkeypatch.setattr(endpoint, "MAX_TRANSACTIONS", 2)
    assert [(await phone.dial("ivr")).code for _ in range(3)] == [200, 200, 503]


@pytest.mark.parametrize("name", ["INFO", "OPTIONS", "UPDATE", "INVITE", "REFER"])
async def test_one_call_takes_few_places_however_much_it_asks(name, switchboard, phone, new_phone, monkeypatch):
    monkeypatch.setattr(endpoint, "PER_CALL", 10)
    monkeypatch.setattr(endpoint, "MAX_TRANSACTIONS", 20)
    call, servers = await phone.dial("ivr"), switchboard.agent.endpoint.servers
    for number in range(2, MANY):
        phone.send(phone.request(name, call, number, sdp() if name in ("INVITE", "UPDATE") else ""))
        await asyncio.sleep(0)
    await eventually(lambda: any("503" in entry.partition("\n")[0] for entry in phone.log))
    assert len(servers) <= 11
    assert (await (await new_phone()).dial("ivr")).code == 200
    call.seq = MANY
    assert await phone.bye(call) == 200  # who hangs up is always heard


async def test_a_cancel_of_nothing_within_a_call_is_refused_and_keeps_no_place(switchboard, phone):
    call, servers = await phone.dial("ivr"), switchboard.agent.endpoint.servers
    places = len(servers)
    assert status(await phone.ask("CANCEL", call, 2)) == 481
    assert len(servers) == places
    assert not switchboard.agent.endpoint.failed


async def test_what_a_call_asked_is_forgotten_with_its_transactions(switchboard, phone):
    call = await phone.dial("ivr")
    assert status(await phone.ask("INFO", call, 2)) == 200
    call.seq = 2
    assert await phone.bye(call) == 200
    await eventually(lambda: not switchboard.agent.endpoint.servers)
    assert not switchboard.agent.endpoint.of_calls


async def test_a_refused_invite_is_refused_again_if_the_refusal_was_lost(switchboard, phone):
    call = phone.new_call("ivr")
    text = phone.request("INVITE", call, 1, "v=0", in_branch=new_branch())
    for count in (1, 2):
        phone.send(text)
        await eventually(lambda count=count: sum("SIP/2.0 488" in entry for entry in phone.log) == count)
        assert not switchboard.agent.endpoint.servers
    assert not switchboard.seen
