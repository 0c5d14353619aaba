"""A telephone that sends its keys in an INFO is understood like one that sends them in its sound."""

import pytest

from .phone import Phone
from .texts import eventually, status, value

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"


@pytest.fixture
async def call(switchboard, phone):
    call = await phone.dial("ivr")
    await eventually(lambda: switchboard.seen[0].is_acknowledged)
    return call


@pytest.fixture
def keys(switchboard, call):
    keys: list[str] = []
    switchboard.seen[0].on_key = keys.append
    return keys


async def inform(phone, call, content_type, body, extra=""):
    extra = f"Content-Type: {content_type}\n{extra}"
    return await phone.transact(phone.request("INFO", call, 2, body, extra))


@pytest.mark.parametrize(
    ("content_type", "body", "key"),
    [
        (RELAY, "Signal=9\r\nDuration=160\r\n", "9"),
        (RELAY, "Duration=160\r\nSignal= 5\r\n", "5"),
        (RELAY, "signal=*\nduration=100", "*"),
        (RELAY, "Signal=11\r\nDuration=160\r\n", "#"),
        (PLAIN, "9", "9"),
        (PLAIN, "#\r\n", "#"),
        (f"{PLAIN};charset=utf-8", "10", "*"),
    ],
)
async def test_a_key_is_understood(phone, call, keys, content_type, body, key):
    assert status(await inform(phone, call, content_type, body)) == 200
    assert keys == [key]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(RELAY, "Signal=16\r\nDuration=160\r\n"), (RELAY, "Duration=9\r\n"), (PLAIN, "99"), (PLAIN, "hookflash")],
)
async def test_what_is_no_key_presses_none(phone, call, keys, content_type, body):
    assert status(await inform(phone, call, content_type, body)) == 200
    assert keys == []


async def test_another_body_is_refused_and_the_call_goes_on(switchboard, phone, call, keys):
    answer = await inform(phone, call, "application/media_control+xml", "<media_control/>")
    assert (status(answer), value(answer, "Accept")) == (415, f"{RELAY}, {PLAIN}")
    assert switchboard.seen[0].is_up
    assert keys == []


async def test_a_package_is_refused(phone, call, keys):
    answer = await inform(phone, call, PLAIN, "9", "Info-Package: nosuchthing")
    assert status(answer) == 469
    assert "Recv-Info:" in answer
    assert keys == []


async def test_another_host_presses_no_key(switchboard, phone, call, keys):
    other = await Phone().open(switchboard.address, "127.0.0.9")
    other.calls[call.call_id] = call
    assert status(await inform(other, call, PLAIN, "9")) == 481
    other.close()
    assert keys == []
    assert status(await inform(phone, call, PLAIN, "9")) == 200  # the control
    assert keys == ["9"]
