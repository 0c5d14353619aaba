"""With nobody on shift, a call back is offered at once. What the caller leaves is sealed before it reaches SQL."""

import pytest
from django.db import connection

from amparo.line.switchboard.models import Call, Hours, Message

SAFE_NUMBER = "987650123"

pytestmark = pytest.mark.usefixtures("fast_sound")


async def offered(exchange):
    """A caller who has just heard that nobody is available."""
    phone, call = await exchange.waiting()
    await phone.press("0")  # skips "connecting": the offer comes next
    return phone, call


async def test_a_safe_number_and_hours_are_left_by_keys(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "1", lambda: state(exchange, call) == "message")
    for keys in (SAFE_NUMBER + "#", "1", "2"):
        await pause(exchange, phone)
        await phone.press(keys)
    await exchange.until(lambda: not exchange.board.calls, seconds=60)
    await exchange.journal.flush()
    message = await Message.objects.prefetch_related("key__grants").aget()
    assert (message.number, message.hours) == (SAFE_NUMBER, Hours.AFTERNOON)
    assert (await Call.objects.aget()).ending == "message"
    assert SAFE_NUMBER.encode() not in await stored()


async def test_a_number_that_is_none_is_asked_for_again(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "1", lambda: state(exchange, call) == "message")
    for keys in ("1#", SAFE_NUMBER + "#", "1", "1"):
        await pause(exchange, phone)
        await phone.press(keys)
    await exchange.until(lambda: not exchange.board.calls, seconds=60)
    await exchange.journal.flush()
    assert (await Message.objects.prefetch_related("key__grants").aget()).number == SAFE_NUMBER


async def test_a_spoken_message_is_kept_even_when_the_caller_just_hangs_up(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "2", lambda: state(exchange, call) == "message")
    await exchange.until(lambda: recording(exchange, call), seconds=30)
    await exchange.until(lambda: len(recording(exchange, call).sound) > 16000)
    phone.hang_up()
    await exchange.until(lambda: not exchange.board.calls)
    await exchange.journal.flush()
    message = await Message.objects.prefetch_related("key__grants").aget()
    assert len(message.sound) > 16000
    assert message.sound[:4000] not in await stored()


async def test_no_key_skips_the_limits_that_come_before_a_message(exchange):
    phone, call = await offered(exchange)
    await press_until(exchange, phone, "2", lambda: state(exchange, call) == "message")
    for key in "1#2":
        await phone.press(key)
    await exchange.until(lambda: recording(exchange, call) is not None, seconds=60)
    last_second = exchange.board.library.sound("message-limits", "es-PE").rstrip(b"\xff")[-8000:]
    assert last_second.replace(b"\x7f", b"\xff") in phone.heard.replace(b"\x7f", b"\xff")


def live(exchange, call):
    return next((c for c in exchange.board.calls.values() if str(c.row.pk) == call), None)


def state(exchange, call):
    return live(exchange, call).row.state


def recording(exchange, call):
    return live(exchange, call).caller.sound._recording


async def pause(exchange, phone):
    """Wait until the prompt begins. A key pressed earlier would answer the previous question."""
    length = len(phone.heard)
    await exchange.until(lambda: len(phone.heard) > length + 8000)


async def press_until(exchange, phone, key, fact):
    for _ in range(20):
        await phone.press(key)
        await pause(exchange, phone)
        if fact():
            return
    raise AssertionError("the key led nowhere")


async def stored() -> bytes:
    from asgiref.sync import sync_to_async

    def read() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("select number, sound from switchboard_message")
            return b"".join(bytes(part) for row in cursor.fetchall() for part in row if part)

    return await sync_to_async(read)()
