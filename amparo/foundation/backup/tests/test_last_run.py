"""A home remembers when it was backed up, checked and restored; a file that is damaged says nothing."""

from datetime import UTC, datetime

import pytest

from ..last_run import LastRun, note_backup, note_restore, read_last_run

AT = datetime(2026, 11, 30, 4, 59, 30, 123, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path


def test_a_backup_and_its_check_are_remembered(home):
    note_backup(home, at=AT, size=7, checked_at=AT)
    last, second = read_last_run(home), AT.replace(microsecond=0)
    assert (last.size, last.moment("made_at"), last.moment("checked_at")) == (7, second, second)


def test_the_next_backup_that_was_not_checked_takes_no_check_over(home):
    note_backup(home, at=AT, size=7, checked_at=AT)
    note_backup(home, at=AT, size=8, checked_at=None)
    assert read_last_run(home).moment("checked_at") is None


def test_a_restored_home_was_never_backed_up_itself(home):
    note_backup(home, at=AT, size=7, checked_at=AT)
    note_restore(home, at=AT, as_of="2026-11-01T00:00:00+00:00")
    last = read_last_run(home)
    assert last.made_at == ""
    assert last.moment("restored_as_of") == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"made_at": ', b'{"unknown": 1}', b"\xff"])
def test_a_file_that_is_missing_or_damaged_says_that_nothing_was_done(home, content):
    if content is not None:
        (home / "run" / "last-backup.json").write_bytes(content)
    assert read_last_run(home) == LastRun()
