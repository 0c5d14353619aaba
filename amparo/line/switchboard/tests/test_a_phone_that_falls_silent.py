"""A silent person is never hung up on. A telephone that is gone is."""

import pytest

from amparo.line.switchboard.media.leg import MediaLeg
from amparo.line.switchboard.models import Call, Ending
from amparo.line.switchboard.sip.transaction import Timers


@pytest.fixture
async def silent(exchange, monkeypatch):
    """A caller whose telephone sends no packets during silence."""
    monkeypatch.setattr(MediaLeg, "silence_seconds", 0.5)
    exchange.telephones.agent.endpoint.timers = Timers.scaled(0.02)
    phone = await exchange.caller()
    phone.fall_silent()
    return exchange, phone


async def sequence_number(exchange, phone) -> int:
    """How often the switchboard asked the telephone whether it is still in the call."""
    return phone.dialog.dialog.remote_seq


async def test_who_says_nothing_stays_on_the_line(silent):
    exchange, phone = silent
    first = await sequence_number(exchange, phone)
    await exchange.until(lambda: phone.dialog.dialog.remote_seq >= first + 3)  # asked three times, and answered
    assert phone.is_up
    assert exchange.board.calls


async def test_a_telephone_that_is_gone_is_noticed_without_its_bye(silent):
    exchange, phone = silent
    phone.agent.endpoint.close()  # closes its sockets without a BYE
    await exchange.until(lambda: not exchange.board.calls, seconds=30)
    await exchange.journal.flush()
    assert (await Call.objects.aget()).ending == Ending.SILENCE
    assert exchange.ports.taken == 0
