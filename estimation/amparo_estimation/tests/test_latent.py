"""Latent classes: the joint-distribution test of Geweke, the peer's medians, and the gate of convergence."""

import numpy as np
import pytest

from amparo_estimation import data_set
from amparo_estimation.latent import gibbs_sweep, r_hat, sample_posterior

CLASSES, LISTS, OBSERVED, SHAPE, RATE = 3, 3, 25, 4.0, 4.0  # small, and a prior that is not flat, so that chains mix


def prior(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    concentration = generator.gamma(SHAPE, 1 / RATE)
    parts = np.append(generator.beta(1, concentration, CLASSES - 1), 1.0)
    shares = parts * np.append(1, np.cumprod(1 - parts[:-1]))
    return generator.random((CLASSES, LISTS)), shares, concentration


def probabilities(chances: np.ndarray, shares: np.ndarray) -> np.ndarray:
    on = (np.arange(1 << LISTS)[:, None] >> np.arange(LISTS)) & 1
    return (np.where(on[:, None, :] == 1, chances, 1 - chances).prod(2) * shares).sum(1)


def observed(chances: np.ndarray, shares: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """With the prior 1/N, the number observed says nothing of the rest: so it is fixed, and its histories are drawn."""
    chance = probabilities(chances, shares)
    return np.append(0, generator.multinomial(OBSERVED, chance[1:] / chance[1:].sum()))


def features(chances: np.ndarray, shares: np.ndarray, concentration: float, hidden: float) -> list[float]:
    unseen = probabilities(chances, shares)[0]
    return [concentration, np.log(concentration), shares[0], shares[-1], chances[0, 0], chances[-1, -1] ** 2,
            unseen, unseen**2, np.log1p(hidden), np.log1p(hidden) ** 2, chances[0, 0] * shares[0]]  # fmt: skip


def differences(wrong: float = 1.0, many: int = 60_000) -> np.ndarray:
    """How many standard errors the two ways to draw from one joint distribution are apart, by feature.

    `wrong` multiplies the rate that the sampler believes: the control.
    """
    generator = np.random.default_rng(11)
    direct = []
    for _ in range(many // 2):
        chances, shares, concentration = prior(generator)
        unseen = probabilities(chances, shares)[0]
        hidden = generator.poisson(generator.gamma(OBSERVED, unseen / (1 - unseen)))
        direct.append(features(chances, shares, concentration, hidden))
    chances, shares, concentration = prior(generator)
    chained = []
    for _ in range(many):
        table = observed(chances, shares, generator)
        cells = np.flatnonzero(table)
        hidden, concentration = gibbs_sweep(
            cells, table[cells], chances, shares, concentration, SHAPE, RATE * wrong, generator
        )
        chained.append(features(chances, shares, concentration, hidden))
    one, other = np.array(direct), np.array(chained)
    batches = other.reshape(60, -1, other.shape[1]).mean(1)  # neighbours in a chain are alike
    error = np.sqrt(one.var(0) / len(one) + batches.var(0, ddof=1) / len(batches))
    return (one.mean(0) - other.mean(0)) / error


def test_the_sampler_draws_from_the_joint_distribution():
    assert np.abs(differences()).max() < 4


def test_a_sampler_that_believes_another_prior_is_found_out():
    assert np.abs(differences(wrong=1.3)).max() > 6


@pytest.mark.parametrize(("name", "median"), [("Korea", 138), ("Kosovo", 10424)])
def test_medians_of_the_peer(name: str, median: float):
    """LCMCR 0.4.14 of R."""
    posterior = sample_posterior(data_set(name).table, seed=1)
    assert posterior.has_converged
    assert np.median(posterior.people) == pytest.approx(median, rel=0.04)


@pytest.mark.parametrize("name", ["Ned_5", "UKdat"])
def test_chains_in_several_modes_are_not_reported(name: str):
    assert not sample_posterior(data_set(name).table, seed=1).has_converged


def test_the_same_seed_gives_the_same_draws():
    table = data_set("Korea").table
    assert (sample_posterior(table, 3, chains=2).people == sample_posterior(table, 3, chains=2).people).all()


def test_r_hat_is_one_for_alike_and_large_for_different_chains():
    noise = np.random.default_rng(1).normal(size=(4, 1000))
    assert r_hat(noise) == pytest.approx(1, abs=0.01)
    assert r_hat(noise + np.arange(4)[:, None]) > 1.5
