"""What strangers wrote is parsed in a process of its own, which ends at a limit and knows no secret."""

import os
import resource
import signal
import time
from pathlib import Path

import pytest

from amparo.foundation.core.limited_process import NotParsed, ParsingStopped, TooCostly, parse_in_limited_process


def take_memory(content: bytes) -> int:
    return len(content * 1_000_000_000)


def take_time(_content: bytes) -> None:
    while True:
        pass


def answer_too_much(_content: bytes) -> str:
    return "x" * 30_000_000


def fail(content: bytes) -> None:
    raise ValueError(content)


def describe(content: bytes) -> dict[str, object]:
    return {"content": content.decode(), "names": sorted(os.environ), "process": os.getpid()}


def stop(_content: bytes) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def write(content: bytes) -> None:
    Path(content.decode()).write_text("x")


def test_the_control_an_ordinary_content_is_parsed_elsewhere(monkeypatch):
    monkeypatch.setenv("AMPARO_SECRET_OF_A_TEST", "x")
    found = parse_in_limited_process(describe, "añil".encode(), seconds=5)
    assert found["content"] == "añil"
    assert found["process"] != os.getpid()
    assert not [name for name in found["names"] if name.startswith(("AMPARO", "DATABASE"))]


@pytest.mark.parametrize("parser", [take_memory, answer_too_much])
def test_a_parser_that_takes_too_much_memory_ends_alone(parser):
    with pytest.raises(TooCostly):
        parse_in_limited_process(parser, b"x", seconds=5)


def test_a_parser_that_never_ends_is_ended_after_some_seconds_of_processor():
    before, own = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()
    with pytest.raises(TooCostly):
        parse_in_limited_process(take_time, b"x", seconds=1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10
    assert time.process_time() - own < 5


def test_a_failure_says_nothing_of_the_content(capfd):
    with pytest.raises(NotParsed) as failure:
        parse_in_limited_process(fail, b"somebody's words", seconds=5)
    assert "words" not in f"{failure.value!r} {failure.value.__cause__!r} {failure.value.__context__!r}"
    assert "words" not in "".join(capfd.readouterr())


def test_a_parser_that_is_stopped_from_outside_blames_no_content():
    with pytest.raises(ParsingStopped):
        parse_in_limited_process(stop, b"x", seconds=5)


def test_a_parser_writes_no_file(tmp_path):
    with pytest.raises(NotParsed):
        parse_in_limited_process(write, str(tmp_path / "written").encode(), seconds=5)
    write(str(tmp_path / "written").encode())  # the control: it would
    assert (tmp_path / "written").read_text() == "x"
