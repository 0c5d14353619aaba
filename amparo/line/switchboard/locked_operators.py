"""Operators whose account an administrator locks leave their calls: the session ends, but a desk phone would go on."""

from collections.abc import Callable, Iterable

from .live_call import LiveCall
from .models import Ending


def remove_locked_operators(
    calls: Iterable[LiveCall], locked: set[int], play_to_lone_caller: Callable[[LiveCall], object]
) -> None:
    """Remove these users from their calls. A caller who is left alone goes back to their place in the queue."""
    for live in list(calls):
        for user in locked.intersection(live.row.operators):
            _remove(live, user, play_to_lone_caller)


def _remove(live: LiveCall, user: int, play_to_lone_caller: Callable[[LiveCall], object]) -> None:
    if len(live.row.operators) > 1:
        live.leave_to_others(user)
    elif live.row.practice_of_id is not None:
        live.end(Ending.OPERATOR)
    else:
        leg = live.legs.pop(user, None)
        live.requeue()
        play_to_lone_caller(live)
        if leg:
            leg.hang_up()
