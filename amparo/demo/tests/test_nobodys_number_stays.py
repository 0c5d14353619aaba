"""The number of an invented caller is nowhere: not in a table, not in a log, not on the operator's telephone."""

from pathlib import Path

import pytest

from . import minute


@pytest.fixture
def number(played):
    return played.numbers[1]  # of the one in danger, who was answered


def files_with(text, *folders):
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if "postgres/" not in f"{path}" and text.encode() in path.read_bytes()]


def test_no_row_holds_it(line, number):
    assert line.do(minute.rows_with, number) == []
    line.do(minute.plant, number)
    try:
        assert line.do(minute.rows_with, number) == ["planted", "switchboard_call"]
    finally:
        line.do(minute.uproot, number)


def test_no_log_holds_it(line, number):
    folders = {line.home, Path(line.do(minute.home))}
    assert files_with(number, *folders) == []
    assert len(files_with("Amparo", *folders)) == 1  # the output of all processes was looked at
    planted = line.home / "planted"
    planted.write_text(f"a call from {number}")
    assert files_with(number, *folders) == [planted]
    planted.unlink()


def test_no_header_carries_it_to_the_operator(played, number):
    rung = [message for message in played.received if message.startswith("INVITE ")]
    assert len(rung) == 2
    assert not [message for message in rung if any(each in message for each in played.numbers)]
    own = [message for message in played.received if message.startswith("SIP/2.0 200") and number in message]
    assert own  # what the caller's own telephone is told holds it: the search would find it
