"""IPv6, alone and beside IPv4 on the same port."""

import pytest

from .phone import Phone
from .switchboard import Switchboard
from .texts import eventually, sdp


@pytest.fixture
async def switchboard():
    switchboard = await Switchboard().open("::1")
    yield switchboard
    switchboard.close()


async def test_a_call_over_ipv6(switchboard):
    phone = await Phone().open(switchboard.address, host="::1")
    body = sdp().replace("IP4 127.0.0.1", "IP6 ::1")
    call = await phone.dial("ivr", body=body)
    assert call.code == 200
    assert call.target == f"sip:[::1]:{switchboard.address[1]}"
    assert switchboard.seen[0].offer.address == "::1"
    assert switchboard.seen[0].origin.host == "::1"
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)
    phone.close()


async def test_both_families_share_a_port(switchboard):
    port = switchboard.address[1]
    assert await switchboard.agent.listen("127.0.0.1", port) == port
    phones = [await Phone().open((host, port), host=host) for host in ("127.0.0.1", "::1")]
    for phone in phones:
        call = await phone.dial("ivr")
        assert await phone.bye(call) == 200
        phone.close()


async def test_a_caller_by_ipv4_reaches_an_operator_by_ipv6(switchboard):
    port = switchboard.address[1]
    await switchboard.agent.listen("127.0.0.1", port)
    phone = await Phone().open(("127.0.0.1", port))
    operator = await Phone().open(switchboard.address, host="::1")
    switchboard.routes["bob"] = operator.relay.far_address
    uri = switchboard.routes["bob"]
    assert ":" in uri[0]
    call = await phone.dial("bob")
    assert call.code == 200
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)
    phone.close()
    operator.close()
