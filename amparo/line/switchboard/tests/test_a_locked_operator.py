"""An account is locked during a call, measured by tones: caller 440 Hz, operator 1000 Hz, colleague 1500 Hz."""

import pytest
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import take_seat
from amparo.line.switchboard.models import State
from amparo.line.switchboard.seats import _read_roster

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    operator, colleague = await exchange.desk_phone(1, hz=1000), await exchange.desk_phone(2, hz=1500)
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    assert await caller.hears(1000)
    [live] = exchange.board.calls.values()
    return exchange, caller, operator, colleague, live


def lock(exchange, *users: int) -> None:
    """What the next reading of the roster does."""
    exchange.seats.locked = set(users)
    for user in users:
        exchange.seats.on_shift.pop(user, None)
    for look in exchange.seats.on_change:
        look()


async def test_the_desk_phone_hangs_up_and_the_caller_is_next_again(talking):
    exchange, caller, operator, colleague, live = talking
    lock(exchange, 3)
    assert operator.is_up, "control: another account was locked"
    place = live.row.turn_at
    lock(exchange, 1)
    await exchange.until(lambda: not operator.is_up)
    assert caller.is_up
    assert (live.row.operators, live.legs, live.row.turn_at) == ([], {}, place)
    await exchange.until(lambda: live.row.ringing_for_id == 2)
    await exchange.board.answer(str(live.row.pk), 2, None)
    assert await colleague.hears(440)


async def test_a_colleague_in_the_call_stays_with_the_caller(talking):
    exchange, caller, operator, colleague, live = talking
    call = str(live.row.pk)
    await exchange.board.invite(call, 1, 2)
    await exchange.board.join(call, 2, None)
    await exchange.board.hold(call, 1)
    lock(exchange, 1)
    await exchange.until(lambda: not operator.is_up)
    assert (live.row.operators, live.state) == ([2], State.TALKING)
    assert await colleague.hears(440)
    assert await caller.hears(1500)


@pytest.mark.django_db(transaction=True)
def test_the_switchboard_reads_whose_account_is_locked():
    ana, rufino = (User.objects.create(username=name, first_name=name) for name in ("ana", "rufino"))
    for user in (ana, rufino):
        take_seat(by=user, now=timezone.now())
        Seat.objects.filter(pk=user.pk).update(state=SeatState.READY, seen_at=timezone.now())
    User.objects.filter(pk=ana.pk).update(is_active=False)
    roster = _read_roster()
    assert roster.locked == {ana.pk}
    assert [operator.user for operator in roster.operators] == [rufino.pk]
