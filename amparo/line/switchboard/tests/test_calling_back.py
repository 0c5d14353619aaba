"""Return calls: written before anybody opens their contact, and to one number alone."""

from dataclasses import replace

import pytest

from amparo.ground.core.refusal import Refused
from amparo.line.switchboard import rules
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
    assert rules._digits(number).lstrip("+").isdecimal()


@pytest.mark.parametrize(
    "number", ["999888777 / 988777666", "1;tag=x@127.0.0.1:9", "1\r\nX: 1", "hermana 999888777", "١٢٣", ""]
)
def test_what_is_not_one_number_is_refused(number):
    with pytest.raises(Refused):
        rules._digits(number)
