"""How a number of people serves a number of calls: Erlang A and Erlang C.

Calls arrive at random (Poisson), last exponentially, and wait in order. In Erlang A (Garnett, Mandelbaum, Reiman 2002,
MSOM 4:208) who waits gives up at random; in Erlang C nobody does. Times are in seconds, rates per hour.
"""

import functools
from dataclasses import dataclass
from itertools import count
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

HOUR = 3600
MOST_AGENTS = 1000
SMALLEST_TERM = 1e-15
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
DECAY = 50  # how far the exponent falls, at most, in one part of the integral: there 64 nodes are exact


@dataclass(frozen=True)
class ServiceLevel:
    """Shares of all calls, and the mean wait of all calls, also of those that give up."""

    waits: float  # finds all agents busy
    gives_up: float
    answered_in_time: float
    mean_wait: float  # seconds


@functools.lru_cache(maxsize=8192)
def erlang_a(calls: float, handling: float, patience: float, agents: int, target: float) -> ServiceLevel:
    """Return the service of so many agents: calls an hour; mean handling, mean patience and target wait in seconds.

    A patience of infinity is Erlang C. Raises `ValueError` if the queue would then grow without end, and for numbers
    that are not above zero.
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
    all_busy = weight * arrive / (agents * end)  # nobody free, nobody waiting
    waiting, queue = _queue_sums(arrive, agents * end, leave)
    total = idle + all_busy * (1 + waiting)
    soon = _answered_within(target, arrive, agents * end, leave)
    return ServiceLevel(
        waits=all_busy * (1 + waiting) / total,
        gives_up=leave * all_busy * queue / (arrive * total),
        answered_in_time=(idle + all_busy * agents * end * soon) / total,
        mean_wait=all_busy * queue / (arrive * total),  # Little's law
    )


def erlang_c(calls: float, handling: float, agents: int, target: float) -> ServiceLevel:
    """Erlang C: as `erlang_a`, but nobody gives up."""
    return erlang_a(calls, handling, inf, agents, target)


def fewest_agents(
    calls: float, handling: float, patience: float, target: float, share: float, *, most_lost: float = 1, least: int = 1
) -> int:
    """Return the fewest agents who answer this share of calls within `target` and lose at most the share `most_lost`.

    At least `least`. Shares are from 0 to 1, times in seconds. Raises `ValueError` if `MOST_AGENTS` are too few.
    """
    if not 0 < share < 1:
        raise ValueError("The share must be between 0 and 1.")
    for agents in range(least, MOST_AGENTS):
        if patience == inf and calls * handling / HOUR >= agents:
            continue
        service = erlang_a(calls, handling, patience, agents, target)
        if service.answered_in_time >= share and service.gives_up <= most_lost:
            return agents
    raise ValueError(f"{MOST_AGENTS} agents would not be enough.")


def _queue_sums(arrive: float, serve: float, leave: float) -> tuple[float, float]:
    """Return two sums over the states with a queue: of their weights, and of queue length times weight.

    The weights are relative to the state in which all agents are busy and nobody waits.
    """
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


def _answered_within(target: float, arrive: float, serve: float, leave: float) -> float:
    """The integral, from no wait to `target`, of the density of reaching an agent without having given up.

    Gauss-Legendre in parts so short that each is exact. The result lacks a factor, by which `erlang_a` multiplies it.
    """
    parts = max(1, ceil((arrive + serve + leave) * target / DECAY))
    edges = np.linspace(0, target, parts + 1)
    half = target / parts / 2
    waits = (edges[:-1, None] + half + half * NODES[None, :]).ravel()
    return float(half * (np.tile(WEIGHTS, parts) * np.exp(_log_density(waits, arrive, serve, leave))).sum())


def _log_density(wait: NDArray[np.float64], arrive: float, serve: float, leave: float) -> NDArray[np.float64]:
    """Log-density of reaching an agent after `wait` without having given up, up to a factor."""
    ahead = arrive * wait if leave == 0 else arrive * -np.expm1(-leave * wait) / leave
    return ahead - (serve + leave) * wait
