"""Calls that are expected in each hour of the week, and the time that they take."""

from datetime import datetime

import numpy as np
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User

from .models import ExpectedCalls

TALK, PATIENCE = 600.0, 90.0  # seconds, until the line has counted enough itself
# The share of the gamma distribution inside a band, and how many draws it takes. The margins are estimated too, which
# the distribution ignores: a band of 95 per cent contains the true rate nine times in ten (tests/test_need.py).
INSIDE, DRAWS = 0.95, 4000
ENOUGH = 10  # calls; from fewer, no mean is taken


def hourly_rates(calls: NDArray[np.float64], weeks: float) -> NDArray[np.float64]:
    """Return expected calls an hour, 7 by 24, from `calls` counted in `weeks` weeks, 7 by 24 from Monday 0:00.

    A quiet line has hours of the week without a single call. So each hour is shrunk towards the margins, the totals of
    its day and of its hour of the day, as much as the data allow: the weight comes from how far the hours differ from
    the margins (gamma-Poisson, by moments).
    """
    shape, scale = _posterior_rates(calls, weeks)
    return shape / scale


def rate_bands(calls: NDArray[np.float64], weeks: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper rates between which the true rate of each hour lies nine times in ten: 7 by 24 each.

    Quantiles of the gamma distribution behind `hourly_rates`, from draws that are always the same.
    """
    shape, scale = _posterior_rates(calls, weeks)
    drawn = np.random.default_rng(1).gamma(shape, size=(DRAWS, *shape.shape)) / scale
    low, high = np.quantile(drawn, [(1 - INSIDE) / 2, (1 + INSIDE) / 2], axis=0)
    return low, high


def _posterior_rates(calls: NDArray[np.float64], weeks: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return shape and inverse scale of the gamma distribution of each hour's rate: 7 by 24 each.

    Raises `ValueError` if `calls` is not 7 by 24 or has a number below zero, or if `weeks` is not above zero.
    """
    if calls.shape != (7, 24) or weeks <= 0 or (calls < 0).any():
        raise ValueError("Give 7 days by 24 hours of calls, none below zero, and the number of weeks.")
    total = calls.sum()
    expected = np.outer(calls.sum(1), calls.sum(0)) / max(total, 1) + 0.5 / calls.size
    excess = ((calls - expected) ** 2 - expected).sum() / (expected**2).sum()
    # how many calls the margins are worth in each hour: they differ from the hours, and are themselves counted
    of_margins = 1 / np.maximum(calls.sum(1), 1)[:, None] + 1 / np.maximum(calls.sum(0), 1)[None, :]
    shape = 1 / (max(excess, 0) + of_margins)
    return shape + calls, shape / expected * weeks + weeks


@action(permissions.supervise, label=gettext_lazy("counted the calls by hour of the week"))
def record_demand(
    calls: NDArray[np.float64], weeks: int, *, answered: int, talked: float, abandoned: int, waited: float,
    by: User, now: datetime,
) -> ExpectedCalls:  # fmt: skip
    """Estimate the calls of each hour of the week, the mean talk and the patience, and store them.

    `calls`: calls counted in `weeks` weeks, 7 by 24, from Monday 0:00. `talked` and `waited`: seconds of all calls
    together. Patience is all time waited, divided by the number of callers who gave up: the estimate of the mean of an
    exponential time that an answer often cuts short (Mandelbaum and Zeltyn 2007). With fewer than `ENOUGH` calls,
    `TALK` and `PATIENCE` are stored.
    """
    low, high = rate_bands(calls, weeks)
    row = ExpectedCalls(
        pk=1, counted_at=now, weeks=weeks, calls=int(calls.sum()), rates=hourly_rates(calls, weeks).ravel().tolist(),
        low=low.ravel().tolist(), high=high.ravel().tolist(),
        talk_seconds=talked / answered if answered >= ENOUGH and talked > 0 else TALK,
        patience_seconds=waited / abandoned if abandoned >= ENOUGH and waited > 0 else PATIENCE,
    )  # fmt: skip
    columns = ("counted_at", "weeks", "calls", "rates", "low", "high", "talk_seconds", "patience_seconds")
    ExpectedCalls.objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=columns)
    return row
