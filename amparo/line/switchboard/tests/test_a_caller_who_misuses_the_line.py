"""A slowed caller waits behind others for two hours. The call is never refused, and danger still comes first."""

from uuid import UUID

from amparo.line.switchboard.fair_queue import HOUR, FairQueue, queue_time

ABUSIVE, OTHER = b"a" * 16, b"b" * 16


def place(queue: FairQueue, pseudonym: bytes | None, at: float) -> float:
    return queue_time(queue.issue_ticket(pseudonym, at), at, in_surge=False)


def test_others_who_call_within_ten_minutes_come_first_and_who_calls_later_does_not():
    queue = FairQueue()
    queue.slow(ABUSIVE, 0, on=True)
    theirs = place(queue, ABUSIVE, 100)
    assert place(queue, OTHER, 699) < theirs < place(queue, b"c" * 16, 701)
    assert place(queue, None, 100) == 100  # nobody else is slowed


def test_it_ends_by_itself_after_two_hours_or_when_a_supervisor_ends_it():
    queue = FairQueue()
    queue.slow(ABUSIVE, 0, on=True)
    assert queue.slowed_until(ABUSIVE, 1) == 2 * HOUR
    assert place(queue, ABUSIVE, 2 * HOUR - 1) > 2 * HOUR
    assert queue.slowed_until(ABUSIVE, 2 * HOUR) is None
    queue.slow(ABUSIVE, 3 * HOUR, on=True)
    queue.slow(ABUSIVE, 3 * HOUR, on=False)
    assert place(queue, ABUSIVE, 3 * HOUR) == 3 * HOUR


def test_the_danger_key_moves_them_ahead_of_everybody():
    queue = FairQueue()
    queue.slow(ABUSIVE, 0, on=True)
    ticket = queue.issue_ticket(ABUSIVE, 10)
    queue.move_ahead(ticket, 10)
    assert queue_time(ticket, 10, in_surge=True) < place(queue, OTHER, 0)


def test_marks_that_are_over_are_dropped():
    queue = FairQueue()
    for n in range(50):
        queue.slow(bytes([n]) * 16, n * HOUR, on=True)
    assert len(queue._slowed) <= 3


async def test_a_call_that_comes_later_is_answered_first(exchange):
    """By the switchboard's own command, over real telephones."""
    _phone, first = await exchange.waiting(number="51900000001")
    pseudonym = exchange.board.calls[UUID(first)].row.pseudonym.hex()
    until = await exchange.board.verbs["slow"](pseudonym=pseudonym, on=True)
    assert until["until"] is not None
    _phone, slowed = await exchange.waiting(number="51900000001")
    _phone, other = await exchange.waiting(number="51900000002")
    slow, quick = (exchange.board.calls[UUID(call)].row for call in (slowed, other))
    await exchange.until(lambda: slow.turn_at and quick.turn_at)
    assert quick.turn_at < slow.turn_at
    assert (slow.turn_at - slow.arrived_at).total_seconds() > 600
