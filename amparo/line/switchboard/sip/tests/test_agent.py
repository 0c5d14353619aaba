"""Listening, shedding and closing."""

import asyncio

import pytest
import uvloop

from amparo.line.switchboard.sip import Agent, Peer, Timers, endpoint

from .malformed import TYPED, request
from .phone import Phone
from .stream import Stream
from .switchboard import Switchboard, listen
from .texts import T1, eventually, sdp, status, value


async def test_a_taken_port_is_the_callers_problem(switchboard):
    other = Agent()
    with pytest.raises(OSError, match="in use"):
        await other.listen(*switchboard.address)
    assert not other.endpoint.transport.udp


async def test_a_port_is_free_again_after_closing():
    first, second = Agent(), Agent()
    port = await listen(first, "127.0.0.1")
    first.close()
    await asyncio.sleep(0)
    assert await second.listen("127.0.0.1", port) == port
    second.close()


async def test_a_wildcard_address_needs_one_to_tell_others(phone):
    agent = Agent(timers=Timers.scaled(T1))
    with pytest.raises(ValueError, match="advertised"):
        await agent.listen("0.0.0.0", 0)
    port = await agent.listen("0.0.0.0", 0, advertised="127.0.0.1")
    agent.on_call = lambda call: call.answer(call.offer)
    phone.relay.switchboard = ("127.0.0.1", port)
    call = await phone.dial("ivr")
    assert call.target == f"sip:127.0.0.1:{port}"
    assert await phone.bye(call) == 200
    agent.close()


async def test_new_calls_are_shed_while_those_under_way_go_on(switchboard, phone, new_phone):
    call = await phone.dial("ivr")
    switchboard.agent.refuses = lambda host: 503
    refused = await (await new_phone()).dial("ivr")
    assert (refused.code, value(refused.final, "Retry-After")) == (503, "10")
    assert status(await phone.reinvite(call)) == 200
    assert await phone.bye(call) == 200


async def test_too_many_transactions_are_refused_without_being_remembered(switchboard, phone, new_phone, monkeypatch):
    call = await phone.dial("ivr")
    monkeypatch.setattr(endpoint, "MAX_TRANSACTIONS", 6)
    other = await new_phone()
    for _ in range(4):
        other.send(request("OPTIONS").decode().replace("127.0.0.1:9", other.address))
    await eventually(lambda: switchboard.agent.endpoint.shed == 2)
    answers = [(await other.dial("ivr")).code for _ in range(4)]
    assert answers == [200, 200, 200, 503]  # calls have the other half to themselves
    assert len(switchboard.agent.endpoint.servers) == 6
    assert await phone.bye(call) == 200  # what belongs to a call is served all the same


async def test_transactions_of_strangers_keep_no_known_host_out(switchboard, phone, monkeypatch):
    """Neither a flood of OPTIONS nor one of calls, each remembered for 32 s."""
    stranger = await Phone().open(switchboard.address, "127.0.0.9")
    switchboard.agent.trusts = lambda host: host == phone.host
    monkeypatch.setattr(endpoint, "MAX_TRANSACTIONS", 4)
    for method, most in (("OPTIONS", 2), ("INVITE", 4)):
        for _ in range(4):
            text = request(method, body=sdp(), extra=TYPED) if method == "INVITE" else request(method)
            stranger.send(text.decode().replace("127.0.0.1:9", stranger.address))
        await eventually(lambda most=most: len(switchboard.agent.endpoint.servers) == most)
        assert status(await phone.transact(phone.request("OPTIONS", phone.new_call("ivr"), 1))) == 200
    assert (await stranger.dial("ivr")).code == 503  # control: the stranger has used up their share
    assert (await phone.dial("ivr")).code == 200
    stranger.close()


async def test_closing_ends_every_call(switchboard, phone, operator):
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    ringing = phone.new_call("ring")
    waiting = asyncio.create_task(phone.invite(ringing))
    await eventually(lambda: ringing.rang)
    switchboard.close()
    await eventually(lambda: call.byes == leg.byes == 1)
    assert (await waiting).code >= 400
    await eventually(lambda: switchboard.is_idle)


async def test_a_phone_from_before_branches_is_served(switchboard, phone):
    """RFC 3261 17.2.3: a peer of RFC 2543 sends no unique branch."""
    call = phone.new_call("ivr")
    call.seq, call.invite = 1, phone.request("INVITE", call, 1, in_branch="1")
    phone.send(call.invite)
    phone.take_final(call, await phone.transact(call.invite))
    assert call.code == 200
    assert len(switchboard.seen) == 1


UNUSABLE = ["255.255.255.255", "240.0.0.1", "0.0.0.0", "224.0.0.1", "203.0.113.5", "::1", "999.1.1.1", "a b", ""]


async def an_unusable_address_does_not_close_the_socket_of_all_calls():
    switchboard = await Switchboard().open()
    phone = await Phone().open(switchboard.address)
    flow = switchboard.agent.endpoint.transport.udp[False]
    for host in UNUSABLE:
        Peer(flow, host, 9).send(b"lost")
        await asyncio.sleep(0.01)
    assert not any(Peer(flow, "127.0.0.1", port).send(b"lost") for port in (-1, 0, 65536))
    Peer(flow, "127.0.0.1", 9).send(b"x" * 70_000)
    await asyncio.sleep(0.01)
    assert status(await phone.ask("OPTIONS", phone.new_call(), 1)) == 200
    switchboard.close()
    phone.close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_an_unusable_address_does_not_close_the_socket_of_all_calls(run):
    """asyncio and uvloop each have errors that would end it."""
    run(an_unusable_address_does_not_close_the_socket_of_all_calls())


def test_it_runs_under_uvloop():
    async def talk():
        switchboard = await Switchboard().open()
        phone, operator = [await Phone().open(switchboard.address) for _ in range(2)]
        switchboard.routes["bob"] = operator.relay.far_address
        call = await phone.dial("bob")
        assert await phone.bye(call) == 200
        await eventually(lambda: switchboard.is_idle)
        stream = await Stream.open(*switchboard.address)
        stream.send(stream.request(phone, "OPTIONS", phone.new_call(), 1))
        assert status(await stream.read()) == 200
        for each in (stream, switchboard, phone, operator):
            each.close()

    uvloop.run(talk())
