"""Who calls again after a fault of ours cut the call comes first: once, soon, and only after a fault."""

import uuid
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core import signing
from django.utils import timezone

from amparo.line.switchboard.cut_calls import COMES_FIRST_FOR, CutCalls
from amparo.line.switchboard.journal import close_orphaned_calls
from amparo.line.switchboard.models import Call, Channel, Direction, Ending, State
from amparo.line.switchboard.receipts import call_of_receipt, receipt_of

MINUTE = timedelta(minutes=1)


def cut(**what) -> Call:
    now = timezone.now()
    columns = {
        "id": uuid.uuid4(), "state": State.ENDED, "ending": Ending.LOST, "arrived_at": now - 5 * MINUTE,
        "answered_at": now - 4 * MINUTE, "ended_at": now, "channel": Channel.BROWSER,
    }  # fmt: skip
    return Call(**(columns | what))


def came_back(row: Call, receipt: str | None = None, **what) -> bool:
    """Whether the caller of this call comes first: with the receipt of their page, a second after it ended."""
    calls = CutCalls()
    calls.add(row)
    named = call_of_receipt(receipt_of(row.pk) if receipt is None else receipt)
    shown = {"named": named, "caller": Call(), "now": (row.ended_at or timezone.now()) + MINUTE / 60}
    return calls.claim(**(shown | what)) == row.pk


def test_a_page_whose_call_was_cut_comes_first_once():
    row, calls = cut(), CutCalls()
    calls.add(row)
    assert calls.claim(row.pk, Call(), timezone.now()) == row.pk
    assert calls.claim(row.pk, Call(), timezone.now()) is None  # replayed


def test_an_old_receipt_is_worth_nothing():
    row = cut()
    assert came_back(row, now=row.ended_at + COMES_FIRST_FOR - MINUTE)
    assert not came_back(row, now=row.ended_at + COMES_FIRST_FOR)


@pytest.mark.parametrize(
    "forge",
    [
        lambda pk: "", lambda pk: pk.hex, lambda pk: str(pk), lambda pk: f"{pk.hex}:", lambda pk: "é:ñ",
        lambda pk: signing.Signer(salt="amparo.cut-call", key="another house").sign(pk.hex),
        lambda pk: signing.Signer(salt="amparo.work").sign(pk.hex),
        lambda pk: signing.Signer(salt="amparo.cut-call").sign("no call"),
        lambda pk: uuid.uuid4().hex + receipt_of(pk)[32:],
    ],
)  # fmt: skip
def test_a_forged_receipt_is_worth_nothing(forge):
    row = cut()
    assert came_back(row)
    assert call_of_receipt(receipt_of(row.pk)) == row.pk
    assert not came_back(row, receipt=forge(row.pk))


@pytest.mark.parametrize("ending", [each for each in Ending if each not in (Ending.LOST, Ending.SILENCE)])
def test_a_call_that_ended_otherwise_gives_no_place(ending):
    assert not came_back(cut(ending=ending))


@pytest.mark.parametrize(
    "what",
    [
        {"direction": Direction.OUTGOING},
        {"practice_of_id": 1},
        {"ending": Ending.SILENCE, "answered_at": None},  # who falls silent in the queue must not get to its front
        {"ending": Ending.SILENCE, "returns_to": uuid.uuid4()},  # nor come first again and again
    ],
)
def test_who_could_make_the_fault_gains_nothing(what):
    assert not came_back(cut(**what))
    assert came_back(cut(ending=Ending.SILENCE))
    assert came_back(cut(returns_to=uuid.uuid4()))  # the switchboard died twice


def test_a_telephone_is_known_by_its_pseudonym_and_a_withheld_number_is_not():
    row = cut(pseudonym=b"p" * 16)
    assert came_back(row, receipt="", caller=Call(pseudonym=b"p" * 16))
    assert not came_back(row, receipt="", caller=Call(pseudonym=b"q" * 16))
    assert not came_back(cut(pseudonym=None), receipt="", caller=Call(pseudonym=None))


@pytest.mark.django_db(transaction=True)
def test_a_new_switchboard_knows_which_calls_were_lost_and_who_came_back():
    now = timezone.now()
    lost, late, back = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    cut(id=lost, state=State.TALKING, ending="", ended_at=None).save()  # it was killed in this call
    cut(id=late, ended_at=now - 11 * MINUTE).save()
    cut(id=back).save()
    cut(ending="", state=State.WAITING, ended_at=None, returns_to=back).save()
    calls = CutCalls()
    assert close_orphaned_calls(now, calls.load)
    found = {pk for pk in (lost, late, back) if calls.claim(pk, Call(), now)}
    assert found == {lost}


async def test_a_telephone_that_the_network_cut_comes_before_all_but_danger(exchange):
    caller, call = await exchange.waiting(number="51900000002")
    live = exchange.board.calls[uuid.UUID(call)]
    live.row.answered_at = timezone.now()
    live.end(Ending.SILENCE)
    _first, waits = await exchange.waiting(number="51900000003")
    _danger, in_danger = await exchange.waiting(number="51900000004")
    exchange.board.calls[uuid.UUID(in_danger)].mark_danger(1)
    caller.unplug()
    _again, again = await exchange.waiting(number="51900000002")
    await exchange.until(lambda: exchange.board.calls[uuid.UUID(again)].row.turn_at)
    exchange.board.distribution.distribute(timezone.now())
    rows = [each.row for each in exchange.board.calls.values()]
    in_order = [str(row.pk) for row in sorted(rows, key=lambda row: row.turn_at)]
    assert in_order == [in_danger, again, waits]
    await exchange.journal.flush()
    assert await sync_to_async(Call.objects.get)(pk=again) == await sync_to_async(Call.objects.get)(returns_to=call)
    _twice, twice = await exchange.waiting(number="51900000002")
    assert exchange.board.calls[uuid.UUID(twice)].row.returns_to is None


@pytest.mark.parametrize("is_slowed", [True, False])
async def test_a_caller_whom_a_supervisor_placed_behind_others_does_not_come_first(exchange, is_slowed):
    caller = await exchange.caller(number="51900000002")
    [live] = exchange.board.calls.values()
    await exchange.board.verbs["slow"](pseudonym=live.row.pseudonym.hex(), on=is_slowed)
    live.row.answered_at = timezone.now()
    live.end(Ending.SILENCE)
    caller.unplug()
    await exchange.caller(number="51900000002")
    [again] = exchange.board.calls.values()
    assert again.row.returns_to == live.row.pk  # the operator still sees that a fault cut it
    assert again.ticket.comes_back is not is_slowed
