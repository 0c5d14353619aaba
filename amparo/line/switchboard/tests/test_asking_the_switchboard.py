import asyncio
import contextlib
import json
import logging
import socket
from dataclasses import replace
from importlib import metadata

import pytest
from django.conf import settings as ours

from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard import rules
from amparo.line.switchboard.control import ask, serve
from amparo.line.switchboard.picklists import Trunk


@pytest.fixture
async def switchboard_with_commands(settings, tmp_path):
    """Ask a switchboard that has only these commands."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    server = await serve(settings.ENVIRONMENT.control_socket, VERBS)
    yield lambda verb, **what: asyncio.to_thread(ask, verb, **what)
    server.close()


async def count(most: int) -> dict[str, int]:
    return {"counted": most}


async def refuse() -> dict[str, int]:
    raise Refused("Not now.")


async def stumble(over: str) -> dict[str, int]:
    raise ValueError(over)


async def other_version() -> dict[str, object]:
    return {"calls": 2, "ports_taken": 4, "ports": 100, "trunk": "none", "opening": [], "of_another_version": 1}


VERBS = {"count": count, "refuse": refuse, "stumble": stumble, "status": other_version}


async def test_during_an_update_the_state_of_a_switchboard_of_another_version_is_read(switchboard_with_commands):
    found = await asyncio.to_thread(rules.status)
    assert (found.calls, found.trunk, found.version) == (2, Trunk.NONE, "")


async def test_a_switchboard_says_its_version(exchange):
    assert (await exchange.board.condition.status())["version"] == metadata.version("amparo")


async def test_an_answer_comes_back(switchboard_with_commands):
    assert await switchboard_with_commands("count", most=3) == {"counted": 3}


async def test_a_refusal_keeps_its_sentence(switchboard_with_commands):
    with pytest.raises(Refused, match="Not now"):
        await switchboard_with_commands("refuse")


@pytest.mark.parametrize("what", [{"verb": "stumble", "over": "987000111"}, {"verb": "count", "least": 3}])
async def test_what_goes_wrong_is_refused_and_logged_without_a_word_of_anybody(switchboard_with_commands, caplog, what):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused, match="no pudo"):
        await switchboard_with_commands(**what)
    (record,) = [record for record in caplog.records if record.name.endswith("control")]
    assert record.getMessage() in ("stumble failed: ValueError", "count failed: TypeError")
    assert "987000111" not in caplog.text
    assert await switchboard_with_commands("count", most=3) == {
        "counted": 3
    }  # the control: the switchboard still works


def say(line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as web:
        web.connect(str(ours.ENVIRONMENT.control_socket))
        web.sendall(line)
        web.shutdown(socket.SHUT_WR)
        return web.recv(4096)


@pytest.mark.parametrize("line", [b"", b'{"verb": "cou', b"[1]\n", b"\xff\n", b"[" * 100_000 + b"\n", b"x" * 300_000,
                                  b"{}\n", b'{"verb": ["count"]}\n', b'{"verb": "count", "words_in": 7}\n',
                                  b'{"verb": "count", "words_in": []}\n'])  # fmt: skip
async def test_an_unreadable_request_closes_the_connection(switchboard_with_commands, caplog, line):
    caplog.set_level(logging.WARNING)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.to_thread(say, line) == b""
    assert json.loads(await asyncio.to_thread(say, b'{"verb": "count", "most": 3}\n')) == {"counted": 3}
    assert caplog.text == ""


async def test_while_the_switchboard_is_away_the_web_gets_an_error(settings, tmp_path):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    with pytest.raises(Unreachable):
        await asyncio.to_thread(ask, "count", most=3)
