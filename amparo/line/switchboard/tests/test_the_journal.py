import asyncio

import pytest
from django.db import OperationalError
from django.utils import timezone

from amparo.line.switchboard import journal as journal_module
from amparo.line.switchboard.journal import Journal, close_orphaned_calls
from amparo.line.switchboard.models import Call, CallEvent, State

pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_happens_while_the_database_is_away_is_written_when_it_is_back(monkeypatch):
    commit, failures = journal_module._commit, [OperationalError(), OperationalError()]

    def away(*what):
        if failures:
            raise failures.pop()
        commit(*what)

    monkeypatch.setattr(journal_module, "_commit", away)
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    journal, call = Journal(), Call(arrived_at=timezone.now())
    journal.record_event(call, CallEvent.Kind.ARRIVED)
    await journal.flush()
    assert await Call.objects.acount() == 1


async def test_a_commit_whose_answer_was_lost_is_not_written_twice(monkeypatch):
    """Failpoint: the commit succeeded, but the connection broke before the answer."""
    commit, lost = journal_module._commit, [OperationalError()]

    def committed_but_not_answered(*what):
        commit(*what)
        if lost:
            raise lost.pop()

    monkeypatch.setattr(journal_module, "_commit", committed_but_not_answered)
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    journal, call = Journal(), Call(arrived_at=timezone.now())
    journal.record_event(call, CallEvent.Kind.ARRIVED)
    await journal.flush()
    assert (await Call.objects.acount(), await CallEvent.objects.acount()) == (1, 1)


async def test_a_call_that_cannot_be_stored_does_not_silence_the_others():
    journal, bad, good = Journal(), Call(arrived_at=timezone.now(), line="x" * 99), Call(arrived_at=timezone.now())
    for call in (bad, good):
        journal.record_event(call, CallEvent.Kind.ARRIVED)
    await asyncio.wait_for(journal.flush(), 30)
    assert [call.pk async for call in Call.objects.all()] == [good.pk]


async def test_the_row_is_as_it_was_when_written_not_as_it_became():
    journal, call = Journal(), Call(arrived_at=timezone.now(), operators=[1])
    journal.write_call(call)
    call.operators.append(2)
    await journal.flush()
    assert (await Call.objects.aget()).operators == [1]


async def test_the_calls_of_a_killed_switchboard_are_over():
    call = await Call.objects.acreate(arrived_at=timezone.now(), state=State.TALKING, operators=[1])
    assert await asyncio.to_thread(close_orphaned_calls, timezone.now())
    row = await Call.objects.aget(pk=call.pk)
    assert (row.state, row.ending, row.operators) == ("ended", "lost", [])
