"""Twenty people talk while a stranger sends 65 malformed and 2,000 mutated messages. Answering is not enough: after it
every one of them must still hear the other's own tone, and nothing may be left when they have hung up."""

import asyncio

from amparo.line.switchboard.sip.tests.malformed import MALFORMED, mutations
from amparo.line.switchboard.sip.tests.test_malformed import Stranger
from amparo.line.switchboard.sip.transaction import Timers

CALLS = 20
PER_TURN = 20  # messages, then the sound has its turn: as on a wire, not as in one burst of a second


async def bombard(port: int) -> None:
    loop = asyncio.get_running_loop()
    wire, _stranger = await loop.create_datagram_endpoint(Stranger, local_addr=("127.0.0.1", 0))
    for number, message in enumerate([*MALFORMED, *mutations(2000)]):
        wire.sendto(message[:65_000], ("127.0.0.1", port))
        if number % PER_TURN == 0:
            await asyncio.sleep(0.02)
    wire.close()


async def talk(exchange, user: int):
    """A caller and an operator by desk phone, each with a tone of their own."""
    low, high = 400 + 20 * user, 1200 + 20 * user
    desk = await exchange.desk_phone(user, hz=high)
    caller, call = await exchange.waiting(hz=low, number=f"000{user:06}")
    await exchange.board.answer(call, user, None)
    return (caller, high), (desk, low)


async def test_every_call_keeps_its_tone_and_nothing_is_left(exchange):
    # Strangers whose INVITE was good are answered, never acknowledge, and are given up after 64 T1: wait less for them.
    exchange.telephones.agent.endpoint.timers = Timers.scaled(0.1)
    pairs = [await talk(exchange, user) for user in range(1, CALLS + 1)]
    ends = [end for pair in pairs for end in pair]
    await bombard(exchange.port)
    heard = await asyncio.gather(*(phone.hears(hz, within=30) for phone, hz in ends))
    assert all(heard)
    assert exchange.clock.subscriber_count > 0
    for (caller, _hz), _desk in pairs:
        caller.hang_up()
    await exchange.until(lambda: exchange.ports.taken_count == 0 and not exchange.board.calls, seconds=60)
    await exchange.until(lambda: not exchange.telephones.agent.calls)


async def test_a_call_without_its_tone_would_be_found(exchange):
    (caller, high), _desk = await talk(exchange, 1)
    next(iter(exchange.board.calls.values())).conversation.close()
    assert not await caller.hears(high, within=2)
