import asyncio
import contextlib
import json
import logging
import socket
from dataclasses import replace

import pytest
from django.conf import settings as ours

from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard.control import ask, serve


@pytest.fixture
async def switchboard_with_commands(settings, tmp_path):
    """Ask a switchboard that has only these commands."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    server = await serve(settings.ENVIRONMENT.control_socket, {"count": count, "refuse": refuse, "stumble": stumble})
    yield lambda verb, **what: asyncio.to_thread(ask, verb, **what)
    server.close()


async def count(most: int) -> dict[str, int]:
    return {"counted": most}


async def refuse() -> dict[str, int]:
    raise Refused("Not now.")


async def stumble(over: str) -> dict[str, int]:
    raise ValueError(over)


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
