import pytest

from ..clock import Clock
from ..ports import Ports


@pytest.fixture
async def clock():
    clock = Clock()
    async with clock.running():
        yield clock


@pytest.fixture
def ports():
    return Ports(42000, 42199)
