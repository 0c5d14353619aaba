"""Two proxies in the path that record the route: every request within the call takes it (RFC 3261 12.1 and 12.2)."""

import pytest

from .proxy import Proxy
from .texts import eventually, method, seq, status, value, values


@pytest.fixture
async def proxies(switchboard, phone, operator):
    outer, inner = await Proxy().open(), await Proxy().open()
    outer.hops = {"ivr": inner.address, "bob": operator.relay.far_address, "carol": inner.address}
    inner.hops = {"ivr": switchboard.address, "bob": outer.address, "carol": switchboard.address}
    phone.relay.switchboard = operator.relay.switchboard = outer.address
    yield outer, inner
    outer.close()
    inner.close()


def kinds(proxy):
    """Methods of the requests that the proxy passed on; copies count once."""
    requests = [text for text in proxy.seen if not text.startswith("SIP/")]
    return [method(text) for text in {(method(text), seq(text)): text for text in requests}.values()]


async def test_a_call_to_us(switchboard, phone, proxies):
    call = await phone.dial("ivr")
    assert call.code == 200
    assert len(call.routes) == 2
    assert status(await phone.reinvite(call)) == 200
    await eventually(lambda: not switchboard.agent.endpoint.unacknowledged)
    switchboard.seen[0].hangup()  # our own request finds the way back
    await eventually(lambda: call.byes == 1 and not switchboard.agent.endpoint.clients)
    assert [kinds(proxy) for proxy in proxies] == [["INVITE", "ACK", "INVITE", "ACK", "BYE"]] * 2


async def test_the_caller_hangs_up(switchboard, phone, proxies):
    call = await phone.dial("ivr")
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_a_call_of_ours(switchboard, new_phone, operator, proxies):
    outer, inner = proxies
    caller = await new_phone()
    switchboard.routes["bob"] = inner.address
    call = await caller.dial("bob")
    leg = await operator.arrived.get()
    await eventually(lambda: leg.is_acked)
    assert len(leg.routes) == 2
    (ours,) = switchboard.operators
    leg.is_acked = False
    await ours.reinvite(ours.sdp.local)
    await eventually(lambda: leg.is_acked)
    assert await caller.bye(call) == 200
    await eventually(lambda: leg.byes == 1)
    assert kinds(outer) == kinds(inner) == ["INVITE", "ACK", "INVITE", "ACK", "BYE"]


async def test_the_hops_left_are_carried_over_to_the_second_leg(phone, operator):
    """RFC 7332: else a loop between the switchboard and a trunk would not end."""
    await phone.dial("bob", extra="Max-Forwards: 12")
    leg = await operator.arrived.get()
    assert value(leg.invite, "Max-Forwards") == "11"


async def test_a_loop_through_a_trunk_ends(switchboard, phone, proxies):
    """The trunk sends our second leg back to us, and so on."""
    _, inner = proxies
    switchboard.routes["carol"] = inner.address
    call = await phone.dial("carol", extra="Max-Forwards: 9")
    assert call.code == 483
    await eventually(lambda: switchboard.is_idle)
    assert len(switchboard.seen) < 9
    assert 483 in switchboard.codes


async def test_only_a_trusted_hosts_contact_is_followed(switchboard, phone, new_phone):
    """A Contact may be wrong behind a NAT, or name a victim: requests go to where the caller's came from."""
    other = await new_phone()
    elsewhere = f"sip:phone@{other.address}"

    async def dial_with_contact_elsewhere():
        call = phone.new_call("ivr")
        own = f"sip:phone@{phone.address}"
        call.seq, call.invite = 1, phone.request("INVITE", call, 1, "").replace(own, elsewhere)
        phone.take_final(call, await phone.transact(call.invite))
        await eventually(lambda: not switchboard.agent.endpoint.unacknowledged)
        switchboard.seen[-1].hangup()
        return call

    call = await dial_with_contact_elsewhere()
    await eventually(lambda: call.byes == 1)
    switchboard.agent.trusts = lambda host: host == "127.0.0.1"
    await dial_with_contact_elsewhere()
    await eventually(lambda: any(text.startswith(f"BYE {elsewhere}") for text in other.log))
    assert not values("\r\n".join(other.log), "Route")
