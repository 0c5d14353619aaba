"""What must hold of any lists: their order, an empty list, the seed; and truths that are known by simulation."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.special import pdtr, pdtrc

from amparo_estimation import Lists, data_set, estimate
from amparo_estimation.bootstrap import bootstrap_interval, stepwise_choice
from amparo_estimation.existence import EXISTS, Existence
from amparo_estimation.loglinear import fit, proves_existence, smaller_poisson_tail, superset_sums
from amparo_estimation.models import hierarchical_models, model_name, model_terms
from amparo_estimation.selection import best_models, fit_model, stepwise_model

tables = st.lists(st.integers(0, 60), min_size=15, max_size=15).map(lambda counts: np.array([0, *counts], dtype=float))
few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def relabelled(table: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    moved = np.zeros_like(table)
    for cell, count in enumerate(table):
        moved[sum(1 << at for at, i in enumerate(order) if cell >> i & 1)] = count
    return moved


@few
@given(tables, st.permutations(range(4)))
def test_the_order_of_the_lists_does_not_matter(table: np.ndarray, order: list[int]):
    if table.sum() == 0:
        return
    here = best_models(table, 3, Existence())
    there = best_models(relabelled(table, tuple(order)), 3, Existence())
    assert len(here) == len(there)
    assert [it.bic for it in here] == pytest.approx([it.bic for it in there], abs=1e-6)


@few
@given(tables)
@example(np.array([0, 2, 1, 1, 1, 18, 0, 0, 1, 28, 18, 50, 17, 22, 0, 0.0]))  # its kept cells are fewer than its terms
def test_a_fit_that_proves_itself_passes_the_linear_programme(table: np.ndarray):
    margins = superset_sums(table)
    for terms in hierarchical_models(4, 3)[::7]:
        _, _, converged, fitted, beta = fit(table, margins, terms, np.zeros(1), False)
        if proves_existence(margins, terms, fitted, converged, beta):
            assert Existence().check(table, terms) == EXISTS


@few
@given(st.integers(0, 300), st.floats(0.01, 300))
def test_the_poisson_tails_are_scipys(count: int, mean: float):
    upper = pdtrc(count - 1, mean) if count else 1.0
    assert smaller_poisson_tail(count, mean) == pytest.approx(min(pdtr(count, mean), upper), rel=1e-7, abs=1e-15)


def test_an_empty_list_changes_nothing():
    from amparo_estimation import parse_lists

    three = parse_lists("A,B,C,n\n1,0,0,30\n0,1,0,40\n0,0,1,20\n1,1,0,9\n1,0,1,8\n0,1,1,7\n")
    four = parse_lists("A,B,X,C,n\n1,0,0,0,30\n0,1,0,0,40\n0,0,0,1,20\n1,1,0,0,9\n1,0,0,1,8\n0,1,0,1,7\n")
    assert estimate(three, boot=100).results == estimate(four, boot=100).results


def test_twice_the_people_is_twice_the_estimate_of_a_model():
    table = data_set("Western").table
    terms = model_terms("[15,2,3,4]")
    assert fit_model(2 * table, terms).people == pytest.approx(2 * fit_model(table, terms).people, rel=1e-6)


def test_the_same_seed_gives_the_same_interval_and_another_another():
    lists = data_set("Western")
    one, again, other = (estimate(lists, "stepwise", boot=300, seed=seed).results[0] for seed in (3, 3, 4))
    assert one.interval == again.interval
    assert one.interval != other.interval


def test_two_lists_are_the_formula_of_lincoln_and_petersen():
    table = np.array([0, 70, 50, 30], dtype=float)
    result = estimate(Lists(("A", "B"), table), boot=200).results[0]
    assert result.model == "[1,2]"
    assert result.point == pytest.approx(100 * 80 / 30)


def simulated(people: int, seen: tuple[float, ...], generator: np.random.Generator) -> np.ndarray:
    """A table of independent lists."""
    histories = (generator.random((people, len(seen))) < seen) @ (1 << np.arange(len(seen)))
    table = np.bincount(histories, minlength=1 << len(seen)).astype(float)
    table[0] = 0
    return table


def test_intervals_hold_a_simulated_truth_at_their_rate():
    generator, existence = np.random.default_rng(2026), Existence()
    covered = 0
    for seed in range(200):
        table = simulated(600, (0.3, 0.25, 0.35, 0.2), generator)
        chosen = fit_model(table, stepwise_model(table, existence))
        low, high = bootstrap_interval(table, chosen.people, stepwise_choice(existence), 400, seed, 0.95)[0]
        covered += low <= 600 <= high
    assert 0.90 <= covered / 200 <= 0.99


def test_models_are_written_as_they_are_read():
    for terms in hierarchical_models(4, 3):
        assert (model_terms(model_name(terms, 4)) == terms).all()
