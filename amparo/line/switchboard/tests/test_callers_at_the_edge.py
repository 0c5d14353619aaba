"""Callers who hang up at unexpected moments or dial unusual numbers."""

import asyncio
import resource
import subprocess
import sys

import pytest

from amparo.line.switchboard.models import Call, Message
from amparo.line.switchboard.sip.tests.phone import Phone as PlainPhone
from amparo.line.switchboard.sip.tests.texts import branch, sdp, status

from .test_nobody_is_free import SAFE_NUMBER, offered, pause, press_until, recording, state

pytestmark = pytest.mark.usefixtures("fast_sound")


async def test_a_caller_who_hangs_up_before_giving_a_number_waits_no_longer(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "1", lambda: state(exchange, call) == "message")
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == "gave_up"
    assert not await Message.objects.aexists()


async def test_a_number_given_by_a_caller_who_then_hangs_up_is_not_kept_unconfirmed(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "1", lambda: state(exchange, call) == "message")
    await pause(exchange, phone)
    await phone.press(SAFE_NUMBER + "#")
    await pause(exchange, phone)
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == "gave_up"
    assert not await Message.objects.aexists()


async def test_who_confirms_a_number_and_hangs_up_before_an_hour_waits_no_longer(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "1", lambda: state(exchange, call) == "message")
    for keys in (SAFE_NUMBER + "#", "1"):
        await pause(exchange, phone)
        await phone.press(keys)
    await pause(exchange, phone)
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == "gave_up"
    assert not await Message.objects.aexists()


@pytest.fixture
async def plain(exchange):
    """A telephone that sends exactly the given messages."""
    phone = await PlainPhone().open(("127.0.0.1", exchange.port))
    yield phone
    phone.close()


async def test_who_cancels_at_once_waits_in_no_queue(exchange, plain):
    """The CANCEL arrives while a port is being opened for the sound."""
    call = plain.new_call("ayuda")
    invite = plain.request("INVITE", call, 1, sdp())
    plain.send(invite)
    plain.send(plain.request("CANCEL", call, 1, in_branch=branch(invite)))
    await exchange.until(lambda: any(status(text) == 487 for text in plain.log))
    assert not exchange.board.calls
    assert not exchange.ports.taken_count


async def test_sound_where_we_have_no_address_is_refused(exchange, plain):
    """The call is signalled over IPv4 and its sound over IPv6, but this exchange has only IPv4."""
    there = sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP6 2001:db8::1")
    assert (await plain.dial("ayuda", body=there)).code == 488
    assert not exchange.telephones.agent.calls


async def test_a_caller_without_a_socket_is_told_so(exchange, plain):
    """The system has no more sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        assert (await plain.dial("ayuda")).code == 503
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_switchboard_asks_for_all_sockets_it_may_have():
    say = (
        "import resource as it; _, most = it.getrlimit(it.RLIMIT_NOFILE); it.setrlimit(it.RLIMIT_NOFILE, (512, most))\n"
        "from amparo.line.switchboard.process import raise_open_file_limit; raise_open_file_limit()\n"
        "assert it.getrlimit(it.RLIMIT_NOFILE) == (most, most)"
    )
    setup = "import django; django.setup()\n"
    subprocess.run([sys.executable, "-c", setup + say], check=True)


async def test_nothing_goes_on_after_a_message(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "2", lambda: state(exchange, call) == "message")
    await exchange.until(lambda: (it := recording(exchange, call)) and len(it.sound) > 16000, seconds=30)
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.until(lambda: not [task for task in asyncio.all_tasks() if "Menu" in task.get_coro().__qualname__])
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == "message"


async def test_no_dialled_name_stops_the_journal(exchange):
    await exchange.caller(line="a" * 300)
    await exchange.caller(line="a%00b")
    async with asyncio.timeout(20):
        while await Call.objects.acount() < 2:
            await asyncio.sleep(0.05)
    assert {call.line async for call in Call.objects.all()} == {"a" * 40, "ab"}


async def test_who_waits_when_the_line_stops_is_hung_up_on_in_time(exchange):
    phone, _call = await exchange.waiting()
    await exchange.board.close(farewell=0.2)  # shorter than the prompt
    await exchange.until(lambda: not phone.is_up)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == "lost"
