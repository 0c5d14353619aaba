"""A switchboard, and phones that call it, over real UDP on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from .phone import Phone
from .switchboard import Switchboard


@pytest.fixture
async def switchboard() -> AsyncIterator[Switchboard]:
    switchboard = await Switchboard().open()
    yield switchboard
    switchboard.close()


@pytest.fixture
async def new_phone(switchboard: Switchboard) -> AsyncIterator[Callable[[], Awaitable[Phone]]]:
    phones: list[Phone] = []

    async def open_phone() -> Phone:
        phones.append(await Phone().open(switchboard.address))
        return phones[-1]

    yield open_phone
    for phone in phones:
        phone.close()


@pytest.fixture
async def phone(new_phone: Callable[[], Awaitable[Phone]]) -> Phone:
    """The caller's telephone."""
    return await new_phone()


@pytest.fixture
async def operator(switchboard: Switchboard, new_phone: Callable[[], Awaitable[Phone]]) -> Phone:
    """The phone that the switchboard dials for `bob`."""
    phone = await new_phone()
    switchboard.routes["bob"] = phone.relay.far_address
    return phone
