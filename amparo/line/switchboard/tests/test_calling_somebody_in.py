"""An operator calls a third party into a call, measured by tones: caller 440 Hz, operator 1000, interpreter 660."""

import logging
from dataclasses import replace

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current, keep
from amparo.line.switchboard import call_control, destinations
from amparo.line.switchboard.models import Call, CallEvent, State
from amparo.line.switchboard.sip.digest import Credentials

NUMBER = "987000222"
QUIET = 0.5  # seconds in which a tone would have been heard

pytestmark = pytest.mark.usefixtures("fast_sound")


@pytest.fixture
async def talking(exchange):
    operator = await exchange.desk_phone(1, hz=1000)
    interpreter = await exchange.phone(hz=660)
    trunk = ("127.0.0.1", interpreter.agent.port)
    exchange.telephones.environment = replace(exchange.environment, trunk=trunk)
    keep(replace(current(), listening=True))
    caller, call = await exchange.waiting()
    await exchange.board.answer(call, 1, None)
    return exchange, caller, operator, interpreter, call


def live(exchange, call):
    return next(each for each in exchange.board.calls.values() if str(each.row.pk) == call)


async def dial_in(exchange, call):
    await exchange.board.third_parties.dial_in(call, 1, NUMBER, "interpret")


async def test_three_hear_each_other(talking):
    exchange, caller, operator, interpreter, call = talking
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)
    for phone, tones in ((caller, (1000, 660)), (operator, (440, 660)), (interpreter, (440, 1000))):
        for hz in tones:
            assert await phone.hears(hz)


async def test_a_sip_address_is_called_at_a_host_that_is_allowed(talking):
    exchange, caller, operator, _interpreter, call = talking
    at_home = await exchange.phone(hz=1800)
    allowed = {"interpretes.example": ("127.0.0.1", at_home.agent.port)}
    exchange.telephones.environment = replace(exchange.telephones.environment, sip_hosts=allowed)
    await exchange.board.third_parties.dial_in(call, 1, "ana.q@interpretes.example", "interpret")
    await exchange.until(lambda: live(exchange, call).third_party)
    assert await caller.hears(1800)
    assert await operator.hears(1800)
    assert await at_home.hears(440)
    assert at_home.dialog.origin.dialled == "ana.q"
    assert "51900000001" not in at_home.rang_from


@pytest.mark.parametrize("place", ["interpretes.example", "127.0.0.1", "127.0.0.1:5061"])
async def test_an_address_at_another_host_is_refused_and_nothing_is_sent(talking, place):
    exchange, _caller, _operator, interpreter, call = talking
    with pytest.raises(Refused, match="Quien administra"):
        await exchange.board.third_parties.dial_in(call, 1, f"ana@{place}", "interpret")
    assert live(exchange, call).row.third_party == ""
    assert interpreter.rung == 0


async def test_an_address_at_a_host_that_was_not_found_is_refused_with_a_sentence(talking):
    exchange, _caller, _operator, _interpreter, call = talking
    exchange.telephones.environment = replace(exchange.telephones.environment, sip_hosts={"nowhere.invalid": None})
    with pytest.raises(Refused, match="No se encuentra"):
        await exchange.board.third_parties.dial_in(call, 1, "ana@nowhere.invalid", "interpret")
    assert live(exchange, call).row.third_party == ""


def test_a_number_at_the_trunks_host_is_bound_by_the_rule_for_numbers(exchange):
    trunk, other = ("192.0.2.1", 5060), ("192.0.2.7", 5060)
    hosts = {"trunk.example": trunk, "other.example": other}
    exchange.telephones.environment = replace(exchange.environment, trunk=trunk, sip_hosts=hosts)
    exchange.telephones.credentials = Credentials("linea", "invented")
    to = exchange.telephones.route_to
    for number in ("12", "1" * 16, "1_2_3", "1.1"):
        with pytest.raises(Refused):
            to(f"{number}@trunk.example")
        assert to(f"{number}@other.example") == (f"sip:{number}@other.example", other, None)  # control: elsewhere
    assert to("987-000-222@trunk.example") == ("sip:987000222@trunk.example", trunk, exchange.telephones.credentials)
    assert to("ana@trunk.example") == ("sip:ana@trunk.example", trunk, exchange.telephones.credentials)


@pytest.mark.parametrize("typed", ["sip:Ana@Sip.Example.PE", " Ana@sip.example.pe ", "SIP:Ana@sip.example.pe"])
def test_an_address_is_dialled_as_people_write_it(typed):
    assert destinations.parse_sip_address(typed) == "Ana@sip.example.pe"


@pytest.mark.parametrize(
    "typed",
    ["ana@", "@host", "a b@host", "ana@host;transport=tcp", "ana@host?X=1", "ana:word@host", "a@b@c",
     "ana@host\r\nX: 1", "sips:ana@host", "añá@host", "ana@" + "h" * 300],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(typed):
    with pytest.raises(Refused):
        destinations.parse_sip_address(typed)


async def test_a_whisper_is_not_heard_by_the_third_party(talking):
    exchange, caller, operator, interpreter, call = talking
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)
    await exchange.desk_phone(2, hz=1500)
    await exchange.board.listening.whisper(call, 2, None)
    await exchange.board.join(call, 2, None)
    assert await operator.hears(1500)
    assert not await interpreter.hears(1500, within=QUIET)
    assert not await caller.hears(1500, within=QUIET)


async def test_who_is_disconnected_is_gone_and_the_call_goes_on(talking):
    exchange, caller, _operator, interpreter, call = talking
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)
    await exchange.board.third_parties.hang_up_third_party(call, 1)
    await exchange.until(lambda: not interpreter.is_up)
    assert live(exchange, call).row.third_party == ""
    assert await caller.hears(1000)


async def test_a_third_party_who_hangs_up_ends_nothing(talking):
    exchange, caller, _operator, interpreter, call = talking
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)
    interpreter.hang_up()
    await exchange.until(lambda: not live(exchange, call).row.third_party)
    assert await caller.hears(1000)


async def test_the_caller_and_the_third_party_hear_each_other_while_the_operator_is_gone(talking, monkeypatch):
    exchange, caller, _operator, interpreter, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    monkeypatch.setattr(call_control, "COME_BACK", 0.3)
    await dial_in(exchange, call)
    one = live(exchange, call)
    await exchange.until(lambda: one.third_party)
    exchange.sit(1, is_ready=False)
    exchange.sit(2)
    leg = one.legs[1]
    leg.fell_silent = True
    leg.handle_end()  # the operator's network is gone
    await exchange.until(lambda: not one.row.operators)
    assert one.state is State.WAITING
    assert await caller.hears(660)
    assert await interpreter.hears(440)
    await exchange.until(lambda: one.row.ringing_for_id == 2)  # a colleague is called all the same
    interpreter.hang_up()
    await exchange.until(lambda: one.playback)  # who is alone now hears the queue


async def test_who_is_on_hold_is_joined_with_the_third_party_when_the_operator_is_gone(talking, monkeypatch):
    exchange, caller, _operator, interpreter, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    await dial_in(exchange, call)
    one = live(exchange, call)
    await exchange.until(lambda: one.third_party)
    await exchange.board.hold(call, 1)
    assert not await caller.hears(660, within=QUIET)  # the control: they are apart
    leg = one.legs[1]
    leg.fell_silent = True
    leg.handle_end()  # the operator's network is gone
    await exchange.until(lambda: one.state is State.TALKING)
    assert await caller.hears(660)
    assert await interpreter.hears(440)
    await exchange.desk_phone(1, hz=1500)
    await exchange.board.join(call, 1, None)  # the operator comes back to three who talk
    for phone in (caller, interpreter):
        assert await phone.hears(1500)


async def test_an_operator_who_comes_back_at_once_finds_the_caller_on_hold(talking, monkeypatch):
    exchange, caller, _operator, _interpreter, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    await dial_in(exchange, call)
    one = live(exchange, call)
    await exchange.until(lambda: one.third_party)
    await exchange.board.hold(call, 1)
    playback, leg = one.playback, one.legs[1]
    leg.fell_silent = True
    leg.handle_end()
    await exchange.until(lambda: one.playback is not playback)  # the sentence before they are joined
    await exchange.board.join(call, 1, None)
    assert not await caller.hears(660, within=QUIET * 2)
    assert one.state is State.ON_HOLD
    await exchange.board.resume(call, 1)
    assert await caller.hears(660)


async def test_who_answers_after_the_operator_is_gone_talks_with_the_caller_on_hold(talking, monkeypatch):
    exchange, caller, _operator, interpreter, call = talking
    monkeypatch.setattr(call_control, "PARK_AFTER", 0.1)
    interpreter.picks_up = False
    await dial_in(exchange, call)
    await exchange.until(lambda: interpreter.rung)
    one = live(exchange, call)
    await exchange.board.hold(call, 1)
    leg = one.legs[1]
    leg.fell_silent = True
    leg.handle_end()
    await exchange.until(lambda: not one.legs)
    interpreter.lift()
    assert await caller.hears(660)
    assert await interpreter.hears(440)


async def test_the_end_of_the_call_is_the_end_for_the_third_party(talking):
    exchange, caller, _operator, interpreter, call = talking
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)
    caller.hang_up()
    await exchange.until(lambda: not interpreter.is_up)


async def test_the_ringing_stops_when_the_operator_hangs_up_the_third_party(talking):
    exchange, caller, _operator, interpreter, call = talking
    interpreter.picks_up = False
    await dial_in(exchange, call)
    await exchange.until(lambda: interpreter.rung)
    with pytest.raises(Refused):
        await dial_in(exchange, call)  # one at a time
    await exchange.board.third_parties.hang_up_third_party(call, 1)
    assert live(exchange, call).row.third_party == ""
    assert await caller.hears(1000)
    interpreter.picks_up = True
    await dial_in(exchange, call)
    await exchange.until(lambda: live(exchange, call).third_party)


async def test_a_number_dialled_at_once_after_another_can_be_hung_up(talking):
    exchange, _caller, _operator, interpreter, call = talking
    interpreter.picks_up = False
    await dial_in(exchange, call)
    await exchange.until(lambda: interpreter.rung)
    first = exchange.board.third_parties._ringing[live(exchange, call)]
    await exchange.board.third_parties.hang_up_third_party(call, 1)
    await dial_in(exchange, call)  # before the first has ended
    await exchange.until(first.done)
    await exchange.until(lambda: interpreter.rung == 2)
    second = exchange.board.third_parties._ringing[live(exchange, call)]
    await exchange.board.third_parties.hang_up_third_party(call, 1)
    await exchange.until(second.done)
    assert second.cancelled()


async def test_only_who_is_in_the_call_may_and_only_with_a_line_out(talking, exchange):
    _exchange, _caller, _operator, _interpreter, call = talking
    with pytest.raises(Refused):
        await exchange.board.third_parties.dial_in(call, 2, NUMBER, "interpret")
    with pytest.raises(Refused):
        await exchange.board.third_parties.dial_in(call, 1, NUMBER, "nonsense")
    exchange.telephones.environment = replace(exchange.environment, trunk=None)
    with pytest.raises(Refused):
        await dial_in(exchange, call)
    assert live(exchange, call).row.third_party == ""


async def test_the_number_is_kept_nowhere(talking, caplog):
    exchange, _caller, _operator, interpreter, call = talking
    caplog.set_level(logging.DEBUG)
    await dial_in(exchange, call)
    row = await exchange.until_row(Call.objects.filter(pk=call, third_party_joined_at__isnull=False))
    assert row.third_party == "interpret"
    events = [each async for each in CallEvent.objects.filter(call=call).values()]
    assert [event["kind"] for event in sorted(events, key=lambda event: event["at"])][-2:] == ["dialled", "third_in"]
    assert NUMBER not in f"{row.__dict__} {events} {caplog.text}"
    assert interpreter.rung == 1  # control: it was dialled
