"""How many people must answer: Erlang A and Erlang C, and the rate of calls by hour of the week.

Calls arrive at random (Poisson), last exponentially, and wait in order. In Erlang A (Garnett, Mandelbaum, Reiman 2002,
MSOM 4:208) who waits gives up at random; in Erlang C nobody does. Times are in seconds, rates per hour.
"""

from dataclasses import dataclass
from itertools import count
from math import exp, inf

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import gamma

HOUR = 3600
MOST_AGENTS = 1000
SMALLEST_TERM = 1e-15


@dataclass(frozen=True)
class Service:
    """Shares of all calls."""

    waits: float  # finds all agents busy
    gives_up: float
    answered_in_time: float


def erlang_a(calls: float, handling: float, patience: float, agents: int, target: float) -> Service:
    """The service of `agents` with so many calls an hour, mean handling time and mean patience; `target` is in seconds.

    A patience of infinity is Erlang C. Raises `ValueError` if the queue would then grow without end.
    """
    arrive, end, leave = calls / HOUR, 1 / handling, 0.0 if patience == inf else 1 / patience
    if agents < 1 or min(calls, handling, patience) <= 0 or target < 0:
        raise ValueError("Calls, times and agents must be greater than zero.")
    if leave == 0 and arrive >= agents * end:
        raise ValueError("So many calls need more agents: without giving up, the queue would grow without end.")
    idle = 1.0  # sum of the weights of all states in which somebody is free
    weight = 1.0
    for busy in range(1, agents):
        weight *= arrive / (busy * end)
        idle += weight
    all_busy = weight * arrive / (agents * end) if agents > 1 else arrive / end  # nobody free, nobody waiting
    waiting, queue = _queue(arrive, agents * end, leave)
    total = idle + all_busy * (1 + waiting)
    integral, _ = quad(lambda wait: exp(_exponent(wait, arrive, agents * end, leave)), 0, target)
    return Service(
        waits=all_busy * (1 + waiting) / total,
        gives_up=leave * all_busy * queue / (arrive * total),
        answered_in_time=(idle + all_busy * agents * end * integral) / total,
    )


def erlang_c(calls: float, handling: float, agents: int, target: float) -> Service:
    """`erlang_a` where nobody gives up."""
    return erlang_a(calls, handling, inf, agents, target)


def fewest_agents(calls: float, handling: float, patience: float, target: float, share: float, least: int = 1) -> int:
    """The fewest agents, and at least `least`, who answer this share of the calls in time."""
    if not 0 < share < 1:
        raise ValueError("The share must be between 0 and 1.")
    for agents in range(least, MOST_AGENTS):
        if patience == inf and calls * handling / HOUR >= agents:
            continue
        if erlang_a(calls, handling, patience, agents, target).answered_in_time >= share:
            return agents
    raise ValueError(f"{MOST_AGENTS} agents would not be enough.")


def _queue(arrive: float, serve: float, leave: float) -> tuple[float, float]:
    """Weights of the states with a queue relative to that without one: their sum, and the mean length times it."""
    if leave == 0:
        load = arrive / serve
        return load / (1 - load), load / (1 - load) ** 2
    weight, waiting, queue = 1.0, 0.0, 0.0
    for length in count(1):
        weight *= arrive / (serve + length * leave)
        waiting += weight
        queue += length * weight
        if length * weight < SMALLEST_TERM * (1 + queue) and serve + length * leave > arrive:
            return waiting, queue
    raise AssertionError


def _exponent(wait: float, arrive: float, serve: float, leave: float) -> float:
    """Log-density of reaching an agent after `wait` without having given up, up to a factor."""
    ahead = arrive * wait if leave == 0 else arrive * -np.expm1(-leave * wait) / leave
    return float(ahead - (serve + leave) * wait)


@dataclass(frozen=True)
class Rates:
    """Calls an hour by day of the week and hour of the day, 7 by 24."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def hourly_rates(calls: NDArray[np.float64], weeks: float, level: float = 0.9) -> Rates:
    """Rates from the calls counted in `weeks` weeks, each hour shrunk towards what its day and its hour let expect.

    A quiet line has hours of the week without a single call. So each hour borrows from the margins, as much as the data
    allow: the weight comes from how far the hours differ from the margins (gamma-Poisson, by moments).
    """
    if calls.shape != (7, 24) or weeks <= 0 or (calls < 0).any():
        raise ValueError("Give 7 days by 24 hours of calls, none below zero, and the number of weeks.")
    total = calls.sum()
    expected = np.outer(calls.sum(1), calls.sum(0)) / max(total, 1) + 0.5 / calls.size
    excess = ((calls - expected) ** 2 - expected).sum() / (expected**2).sum()
    # how many calls the margins are worth in each hour: they differ from the hours, and are themselves counted
    of_margins = 1 / np.maximum(calls.sum(1), 1)[:, None] + 1 / np.maximum(calls.sum(0), 1)[None, :]
    shape = 1 / (max(excess, 0) + of_margins)
    after = shape + calls, shape / expected * weeks + weeks
    ends = [gamma.ppf(q, after[0], scale=1 / after[1]) for q in ((1 - level) / 2, (1 + level) / 2)]
    return Rates(after[0] / after[1], ends[0], ends[1])
