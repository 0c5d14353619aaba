import asyncio
from dataclasses import replace

import pytest

from amparo.ground.core.refusal import Refused, Unreachable
from amparo.line.switchboard.control import ask, serve


@pytest.fixture
async def asked(settings, tmp_path):
    """What the web is answered by a switchboard whose verbs are these."""
    (tmp_path / "run").mkdir()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    server = await serve(settings.ENVIRONMENT.control_socket, {"count": count, "refuse": refuse, "stumble": stumble})
    yield lambda verb, **what: asyncio.to_thread(ask, verb, **what)
    server.close()


async def count(most: int) -> dict[str, int]:
    return {"counted": most}


async def refuse() -> dict[str, int]:
    raise Refused("Not now.")


async def stumble() -> dict[str, int]:
    raise RuntimeError


async def test_an_answer_comes_back(asked):
    assert await asked("count", most=3) == {"counted": 3}


async def test_a_refusal_keeps_its_sentence(asked):
    with pytest.raises(Refused, match="Not now"):
        await asked("refuse")


@pytest.mark.parametrize("what", [{"verb": "stumble"}, {"verb": "count", "least": 3}])
async def test_what_goes_wrong_is_never_taken_for_an_answer(asked, what):
    with pytest.raises(Unreachable):
        await asked(**what)
