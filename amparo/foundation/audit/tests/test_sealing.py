"""One process numbers committed entries and sends checkpoints to the witnesses; nothing is ever skipped."""

import contextlib
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import append, sealer_status
from amparo.foundation.audit.sealer import CHECKPOINT_EVERY, ONE_SEALER, Sealer, seal_until_stopped
from amparo.foundation.audit.verifying import verify_ledger
from amparo.foundation.audit.witnesses import Witness
from tests.test_promises.access import as_process

from .conftest import KEY, acting, sealing_role

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def write(how_many: int = 1) -> None:
    with acting():
        for number in range(how_many):
            append("look", f"contact {number}", key=uuid.uuid4())


def report(witnesses):
    return verify_ledger(witnesses, KEY.public_key())


def test_what_is_committed_is_numbered_in_order(sealer):
    write(5)
    assert sealer.seal() == 5
    assert sealer.seal() == 0
    write(2)
    assert sealer.seal() == 2
    numbers = Entry.objects.order_by("id").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6, 7]


def test_a_late_commit_gets_a_later_number_and_is_not_skipped(sealer, witnesses):
    early = threading.Event()
    late = threading.Event()

    def dawdle() -> None:
        with acting(user=1):
            append("look", "contact 1")
            early.set()
            late.wait(20)
        connection.close()

    slow = threading.Thread(target=dawdle)
    slow.start()
    assert early.wait(20)
    write()
    assert sealer.seal() == 1
    late.set()
    slow.join(20)
    assert sealer.seal() == 1
    by_number = Entry.objects.order_by("number").values_list("user_id", "id")
    assert [user for user, _ in by_number] == [7, 1]
    assert by_number[0][1] > by_number[1][1]  # it was appended first, and committed last
    sealer.send_checkpoint(NOW)
    assert report(witnesses).is_intact


def test_what_was_rolled_back_leaves_no_gap(sealer, witnesses):
    with acting(), contextlib.suppress(KeyError), transaction.atomic():
        append("look", "contact 1")
        raise KeyError
    write()
    sealer.seal()
    sealer.send_checkpoint(NOW)
    assert report(witnesses).entries == 1
    assert report(witnesses).is_intact


def test_a_clock_that_jumps_a_day_changes_nothing(sealer, witnesses):
    for jump in (timedelta(), timedelta(days=-1), timedelta(days=1), timedelta()):
        write(2)
        sealer.seal()
        assert sealer.send_checkpoint(NOW + jump) == []
    assert report(witnesses).is_intact
    assert report(witnesses).entries == 8


def test_an_entry_of_another_day_is_sealed_unchanged(sealer, witnesses):
    """The database's clock went back: the numbers continue."""
    write(2)
    with connection.cursor() as cursor:
        cursor.execute("update audit_entry set at = at - interval '1 day' where id = (select max(id) from audit_entry)")
    sealer.seal()
    sealer.send_checkpoint(NOW)
    assert report(witnesses).is_intact


def test_only_one_seals_and_the_next_takes_over_when_it_dies(sealer):
    assert sealer.try_lock()
    with sealing_role() as link:
        other = Sealer(link, sealer.witnesses, KEY)
        assert not other.try_lock()
        sealer.connection.close()
        end = time.monotonic() + 60
        while not other.try_lock():  # PostgreSQL notices in its own time that the first has gone
            assert time.monotonic() < end
            time.sleep(0.01)


def test_nobody_but_a_sealer_keeps_it_from_sealing(sealer):
    """Otherwise injected SQL could stop the alerts about its author, for as long as its connection lives."""
    with as_process("web") as other:
        other.execute("select pg_advisory_lock(%s)", [ONE_SEALER])
        assert sealer.try_lock()


def test_the_sealer_reports_its_heartbeat_and_unreachable_witnesses(sealer, witnesses):
    assert str(sealer_status()) == "sealer never seen"
    stopped = Stop(after=2)
    seal_until_stopped(sealer, stopped)
    assert sealer_status().is_well
    witnesses[1].folder.rmdir()
    seal_until_stopped(sealer, Stop(after=2))
    assert str(sealer_status()) == "witness 2 away"
    witnesses[1].folder.mkdir()
    seal_until_stopped(sealer, Stop(after=2))
    assert str(sealer_status()) == "ok"


class Stop(threading.Event):
    """Let the sealer run a few times."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        if self.left <= 0:
            self.set()
        return self.is_set()


def test_when_nothing_is_sealed_for_a_while_the_ledger_says_how_long(sealer):
    write()
    sealer.save_status([])
    with connection.cursor() as cursor:
        cursor.execute("update audit_entry set at = at - interval '90 seconds'")
    assert not sealer_status().is_well
    assert str(sealer_status()) == "90 s behind"
    sealer.seal()
    assert sealer_status().is_well


def test_a_sealer_that_gives_no_sign_of_life_is_missed(sealer):
    sealer.save_status([])
    with connection.cursor() as cursor:
        cursor.execute("update audit_sealerstatus set seen_at = seen_at - interval '75 seconds'")
    assert str(sealer_status()) == "75 s behind"


def test_a_witness_that_was_away_gets_the_missing_checkpoints(sealer, witnesses):
    write()
    sealer.seal()
    assert sealer.send_checkpoint(NOW) == []
    away = witnesses[0].folder.rename(witnesses[0].folder.with_suffix(".away"))
    write()
    sealer.seal()
    assert sealer.send_checkpoint(NOW) == ["witness 1 away"]
    assert not report(witnesses).is_intact
    away.rename(witnesses[0].folder)
    assert sealer.send_checkpoint(NOW + timedelta(hours=24)) == []
    assert report(witnesses).is_intact
    assert [c.number for c in witnesses[0].checkpoints()] == [1, 2]


def test_the_sealer_sends_nothing_to_a_witness_of_another_ledger(sealer, witnesses):
    write(2)
    sealer.seal()
    sealer.send_checkpoint(NOW)
    with connection.cursor() as cursor:
        cursor.execute("delete from audit_entry where number = 2")
    write(2)
    anew = Sealer(sealer.connection, witnesses, KEY)
    anew.seal()
    assert anew.send_checkpoint(NOW) == ["witness 1 disagrees", "witness 2 disagrees"]
    assert [c.number for c in witnesses[0].checkpoints()] == [2]


def test_a_line_torn_by_a_power_cut_is_no_alarm(sealer, witnesses):
    write()
    sealer.seal()
    sealer.send_checkpoint(NOW)
    (file,) = witnesses[0].folder.iterdir()
    with file.open("ab") as torn:
        torn.write(b'{"number": 2, "ha')
    assert report(witnesses).is_intact
    after_the_cut = Sealer(sealer.connection, [Witness(w.folder) for w in witnesses], KEY)
    write()
    after_the_cut.seal()
    assert after_the_cut.send_checkpoint(NOW) == []
    assert report(witnesses).is_intact
    assert [c.number for c in witnesses[0].checkpoints()] == [1, 2]


def test_a_witness_file_does_not_grow_without_end(sealer, witnesses, monkeypatch):
    monkeypatch.setattr("amparo.foundation.audit.witnesses.LONGEST_FILE", 1000)
    for _ in range(12):
        write()
        sealer.seal()
        sealer.send_checkpoint(NOW)
    files = list(witnesses[0].folder.iterdir())
    assert len(files) > 2
    assert max(file.stat().st_size for file in files) < 1500
    assert report(witnesses).is_intact


def test_without_new_entries_no_checkpoint_is_sent(sealer, witnesses):
    write()
    sealer.seal()
    for _ in range(3):
        sealer.send_checkpoint(NOW)
    assert len(list(witnesses[0].checkpoints())) == 1
    assert CHECKPOINT_EVERY <= 60  # seconds: older entries than this cannot be touched unseen


def test_before_a_witness_holds_anything_nothing_is_said_to_be_broken(sealer, witnesses, monkeypatch):
    write()
    sealer.seal()
    assert str(report(witnesses)) == "Nothing was witnessed yet of 1 new entries. Ask again in a minute."
    assert not report(witnesses).is_intact, "nothing is proven yet"
    monkeypatch.setattr("amparo.foundation.audit.verifying.BEHIND", timedelta(0))
    assert "NOT intact" in str(report(witnesses)), "a ledger that is older should have been witnessed"
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("update audit_entry set user_id = 9")
    assert "NOT intact: entry 1 is not what was sealed" in str(report(witnesses))
