"""Erlang A and C against published figures and a simulation; rates by hour of the week."""

import heapq
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.line.roster.demand import hourly_rates
from amparo.line.roster.erlang import ServiceLevel, erlang_a, erlang_c, fewest_agents

CASES = [  # calls an hour, handling, patience, agents, target; waits, gives up, answered in time
    ((20, 360, inf, 3, 20), (0.44444, 0, 0.57957)),
    ((12, 900, inf, 4, 20), (0.50943, 0, 0.50176)),
    ((12, 900, 120, 4, 20), (0.25337, 0.17399, 0.76230)),
    ((1.4, 720, 90, 2, 20), (0.03053, 0.02450, 0.97091)),
    ((60, 480, 180, 9, 30), (0.33071, 0.11633, 0.73887)),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_the_formulas_to_four_digits(given, expected):
    found = erlang_a(*given)
    assert (found.waits, found.gives_up, found.answered_in_time) == pytest.approx(expected, abs=1e-4)


def test_one_agent_is_the_queue_of_the_textbook():
    assert erlang_c(6, 300, 1, 60).waits == pytest.approx(0.5)
    assert erlang_c(6, 300, 1, 60).answered_in_time == pytest.approx(1 - 0.5 * np.exp(-60 / 600))


# Published by the library pyworkforce (github.com/rodrigo-arenas/pyworkforce), for 200 calls an hour of 180 s and a
# target of 20 s: the table of its README (`MultiErlangC`), and in its tests `ErlangA` with a patience of 300 s.
PUBLISHED_C = {  # agents: waits, answered in time
    13: (0.285270453036493, 0.7955947884177831),
    14: (0.1741319335950498, 0.8883500191794669),
    15: (0.10204236700798798, 0.9414528428690223),
}
PUBLISHED_A = (0.14526, 0.013984, 0.916792, 60 * 0.069919)  # 14 agents: waits, gives up, answered in time, mean wait


@pytest.mark.parametrize("agents", PUBLISHED_C)
def test_the_published_table_of_erlang_c(agents):
    found = erlang_c(200, 180, agents, 20)
    assert (found.waits, found.answered_in_time) == pytest.approx(PUBLISHED_C[agents], abs=1e-10)


def test_the_published_figures_of_erlang_a():
    found = erlang_a(200, 180, 300, 14, 20)
    figures = (found.waits, found.gives_up, found.answered_in_time, found.mean_wait)
    assert figures == pytest.approx(PUBLISHED_A, abs=1e-4)


def test_the_example_by_which_erlang_a_became_known():
    """48 calls a minute of a minute, 50 agents, patience of two minutes (Garnett, Mandelbaum, Reiman 2002, MSOM 4:208):
    3.1 % give up and the mean wait is 3.7 s; if nobody gave up, it would be 20.8 s.
    """
    found = erlang_a(48 * 60, 60, 120, 50, 20)
    assert (round(found.gives_up, 3), round(found.mean_wait, 1)) == (0.031, 3.7)
    assert round(erlang_c(48 * 60, 60, 50, 20).mean_wait, 1) == 20.8


def test_two_erlangs_and_three_agents():
    assert erlang_c(20, 360, 3, 0).waits == pytest.approx(4 / 9)


def simulate(calls: float, handling: float, patience: float, agents: int, target: float, many: int) -> ServiceLevel:
    """Simulate `calls` calls, one after the other."""
    generator = np.random.default_rng(7)
    arrivals = np.cumsum(generator.exponential(3600 / calls, many))
    lengths = generator.exponential(handling, many)
    limits = np.full(many, inf) if patience == inf else generator.exponential(patience, many)
    free = [0.0] * agents
    waits = gives_up = in_time = 0
    waited = 0.0
    for arrival, length, limit in zip(arrivals, lengths, limits, strict=True):
        wait = max(free[0] - arrival, 0)
        waits += wait > 0
        waited += min(wait, limit)
        if wait > limit:
            gives_up += 1
            continue
        in_time += wait <= target
        heapq.heapreplace(free, arrival + wait + length)
    return ServiceLevel(waits / many, gives_up / many, in_time / many, waited / many)


@pytest.mark.parametrize("given", [case[0] for case in CASES])
def test_a_simulation_of_400000_calls_agrees(given):
    found, seen = erlang_a(*given), simulate(*given, many=400_000)
    assert found.gives_up == pytest.approx(seen.gives_up, abs=0.003)
    assert found.mean_wait == pytest.approx(seen.mean_wait, rel=0.03)
    assert found.waits == pytest.approx(seen.waits, abs=0.003)
    assert found.answered_in_time == pytest.approx(seen.answered_in_time, abs=0.003)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 200), st.floats(30, 1800), st.floats(10, 900), st.integers(1, 40), st.floats(0, 120))
def test_more_agents_never_serve_worse(calls, handling, patience, agents, target):
    fewer, more = (erlang_a(calls, handling, patience, n, target) for n in (agents, agents + 1))
    assert more.waits <= fewer.waits + 1e-9
    assert more.answered_in_time >= fewer.answered_in_time - 1e-9
    for it in (fewer, more):
        assert 0 <= it.gives_up <= it.waits + 1e-9 <= 1 + 2e-9
        assert it.answered_in_time + it.gives_up <= 1 + 1e-6


def test_the_fewest_agents_are_enough_and_one_less_is_not():
    agents = fewest_agents(60, 480, 180, 30, 0.8)
    assert erlang_a(60, 480, 180, agents, 30).answered_in_time >= 0.8
    assert erlang_a(60, 480, 180, agents - 1, 30).answered_in_time < 0.8
    assert fewest_agents(1.4, 720, 90, 20, 0.5, least=2) == 2


def test_a_limit_on_abandonment_asks_for_more_agents():
    agents = fewest_agents(60, 480, 180, 30, 0.5, most_lost=0.02)
    assert erlang_a(60, 480, 180, agents, 30).gives_up <= 0.02 < erlang_a(60, 480, 180, agents - 1, 30).gives_up
    assert agents > fewest_agents(60, 480, 180, 30, 0.5)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="more agents"):
        erlang_c(20, 360, 2, 20)
    with pytest.raises(ValueError, match="greater than zero"):
        erlang_a(0, 360, 60, 2, 20)


def test_rates_find_a_truth_without_losing_the_quiet_hours():
    generator = np.random.default_rng(3)
    truth = np.outer(np.linspace(0.7, 1.3, 7), 1 + np.sin(np.arange(24) / 24 * 2 * np.pi)) * 1.4 + 0.05
    weeks = 12
    counted = generator.poisson(truth * weeks).astype(float)
    rates = hourly_rates(counted, weeks)
    assert np.abs(rates - truth).mean() < np.abs(counted / weeks - truth).mean()
    assert (rates > 0).all()
    assert rates.sum() == pytest.approx(counted.sum() / weeks, rel=0.05)
