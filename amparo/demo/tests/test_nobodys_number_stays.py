"""The number of an invented caller is nowhere: not in a table, not in a log, not on the operator's telephone."""

import pytest

from . import minute


@pytest.fixture
def number(played):
    return played.numbers[1]  # of the one in danger, who was answered


def files_with(text, home):
    """Of what is written beside the database, whose rows were searched."""
    files = [path for path in home.rglob("*") if path.is_file() and home / "postgres" not in path.parents]
    return [path for path in files if text.encode() in path.read_bytes()]


def test_no_row_holds_it(line, number):
    assert line.do(minute.rows_with, number) == []
    line.do(minute.plant, number)
    try:
        assert line.do(minute.rows_with, number) == ["planted", "switchboard_call"]
    finally:
        line.do(minute.uproot, number)


def test_no_log_holds_it(line, number):
    assert files_with(number, line.home) == []
    with line.log.open("a") as log:  # of all processes
        log.write(number)
    assert files_with(number, line.home) == [line.log]


def test_no_header_carries_it_to_the_operator(played, number):
    rung = [message for message in played.received if message.startswith("INVITE ")]
    assert len(rung) == 2
    assert not [message for message in rung if any(each in message for each in played.numbers)]
    own = [message for message in played.received if message.startswith("SIP/2.0 200") and number in message]
    assert own  # what the caller's own telephone is told holds it: the search would find it
