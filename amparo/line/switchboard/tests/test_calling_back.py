"""Return calls: the row is written before their contact is opened, and only one number is called."""

import asyncio
from dataclasses import replace

import pytest

from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard import destinations, return_calls
from amparo.line.switchboard.models import Call


async def test_its_contact_can_be_opened_at_once(exchange):
    await exchange.desk_phone(1)
    person = await exchange.phone()
    exchange.telephones.environment = replace(exchange.environment, trunk=("127.0.0.1", person.agent.port))
    answer = await exchange.board.call_back("987000111", "es", 1, None)
    assert await Call.objects.filter(pk=answer["call"], operators=[1]).aexists()
    await exchange.until(lambda: person.is_up)


@pytest.mark.parametrize("number", ["999 888 777", "+51 (999) 888-777", "999.888.777"])
def test_a_number_is_dialled_as_people_write_it(number):
    assert destinations.parse_telephone_number(number).lstrip("+").isdecimal()


@pytest.mark.parametrize(
    "number", ["999888777 / 988777666", "1;tag=x@127.0.0.1:9", "1\r\nX: 1", "hermana 999888777", "١٢٣", ""]
)
def test_what_is_not_one_number_is_refused(number):
    with pytest.raises(Refused):
        destinations.parse_telephone_number(number)


@pytest.fixture
async def person(exchange):
    """The person whom operator 1 calls back, who answers."""
    phone = await exchange.phone()
    exchange.telephones.environment = replace(exchange.environment, trunk=("127.0.0.1", phone.agent.port))
    return phone


async def test_a_double_press_rings_the_person_once(exchange, person):
    desk = await exchange.desk_phone(1)
    desk.picks_up, person.picks_up = False, False
    first = asyncio.create_task(exchange.board.call_back("987000111", "es", 1, None))
    await exchange.until(lambda: desk.dialog)
    with pytest.raises(Refused, match="otra llamada"):
        await exchange.board.call_back("987000111", "es", 1, None)
    desk.lift()
    await exchange.until(lambda: person.dialog)
    with pytest.raises(Refused, match="otra llamada"):
        await exchange.board.call_back("987000111", "es", 1, None)
    person.lift()
    await exchange.until(lambda: exchange.board.calls)
    assert (desk.rung, person.rung) == (1, 1)
    assert [str(call) for call in exchange.board.calls] == [(await first)["call"]]


async def test_the_control_a_colleague_may_call_at_the_same_time(exchange, person):
    await exchange.desk_phone(1)
    await exchange.desk_phone(2)
    await exchange.board.call_back("987000111", "es", 1, None)
    await exchange.until(lambda: person.is_up)
    await exchange.board.call_back("987000111", "es", 2, None)
    await exchange.until(lambda: person.rung == 2)


async def test_after_a_desk_phone_that_did_not_answer_one_may_try_again(exchange, person):
    desk = await exchange.desk_phone(1)
    desk.picks_up = False
    first = asyncio.create_task(exchange.board.call_back("987000111", "es", 1, None))
    await exchange.until(lambda: desk.dialog)
    desk.dialog.hangup(486)
    with pytest.raises(Refused, match="teléfono"):
        await first
    desk.picks_up = True
    await exchange.board.call_back("987000111", "es", 1, None)
    await exchange.until(lambda: person.is_up)


async def test_who_has_no_certificate_calls_nobody_back_while_a_certified_colleague_is_here(exchange, person):
    await exchange.desk_phone(1)
    exchange.sit(2, is_ready=False)
    exchange.seats.on_shift[1] = replace(exchange.seats.on_shift[1], certified_until=0.0)
    with pytest.raises(Refused, match="certificado para llamadas"):
        await exchange.board.call_back("987000111", "es", 1, None)
    assert (person.rung, exchange.board.return_calls.engaged) == (0, set())
    del exchange.seats.on_shift[2]
    await exchange.board.call_back("987000111", "es", 1, None)  # control: nobody certified is here
    await exchange.until(lambda: person.is_up)


@pytest.mark.parametrize("who", ["operator", "person"])
async def test_who_hangs_up_in_the_moment_of_the_answer_leaves_no_call_behind(exchange, person, monkeypatch, who):
    desk, dial = await exchange.desk_phone(1), exchange.telephones.call_out

    async def slowly(number):
        leg = await dial(number)
        (desk if who == "operator" else person).hang_up()
        await asyncio.sleep(0.2)  # the event loop was busy meanwhile
        return leg

    monkeypatch.setattr(exchange.telephones, "call_out", slowly)
    if who == "operator":
        monkeypatch.setattr(return_calls, "_cancel", lambda task: None)  # too late: the person has answered
    answer = await exchange.board.call_back("987000111", "es", 1, None)
    await exchange.until(lambda: person.rung and desk.dialog.has_ended and person.dialog.has_ended)
    assert not exchange.board.calls
    await exchange.journal.flush()
    assert await Call.objects.filter(pk=answer["call"], ended_at__isnull=False).aexists()
