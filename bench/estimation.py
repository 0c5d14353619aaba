"""CPU and memory of estimating hidden people, on the public data sets.

    python -m bench.estimation

CPU seconds of this process over all its threads, because others share the machine. The first lines compile, and are not
counted. Each aim stands beside its figure. Debian has R but none of its packages for this, so plain R does the stepwise
choice in the same run (estimation.R); both must find the same estimate.
"""

import math
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from amparo_estimation import data_set, estimate
from amparo_estimation.bootstrap import bic_choice, bootstrap_interval, stepwise_choice
from amparo_estimation.existence import Existence
from amparo_estimation.lists import HISTORIES
from amparo_estimation.models import hierarchical_models
from amparo_estimation.selection import best_models, fit_model, stepwise_model

BOOT = 1000
WITH_R = Path(__file__).with_suffix(".R")


def main() -> None:
    warm_up()
    print(f"{'what':60} {'CPU s':>8} {'aim':>6} {'R':>8} {'ratio':>6}")
    for name in ("UKdat_5", "Western", "Ned_5"):
        tell(f"{name} stepwise, {BOOT} resamples", lambda name=name: stepwise_boot(name), 5, seconds_of_r(name))
    tell(f"UKdat_5 BIC of order 2, all models, {BOOT} resamples", lambda: bic_boot("UKdat_5", 2), 40)
    for name in ("UKdat", "Ned"):
        tell(
            f"{name} all 32,768 pairwise models of six lists",
            lambda name=name: point(name),
            10,
        )
    tell("UKdat_5 as the command does it, 5000 resamples", lambda: estimate(data_set("UKdat_5")), None)
    print(f"largest memory: {megabytes()} MB (aim 500)")


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def warm_up() -> None:
    stepwise_boot("Korea")
    bic_boot("Korea", 2)


def tell(what: str, work: Callable[[], object], aim: float | None, r_seconds: float | None = None) -> None:
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    ratio = f"{r_seconds:8.1f} {r_seconds / seconds:5.0f}x" if r_seconds else ""
    print(f"{what:60} {seconds:8.2f} {aim or '':>6} {ratio}", flush=True)


def seconds_of_r(name: str) -> float:
    """CPU seconds of R for the same choice. Raises `AssertionError` if its estimate is another one."""
    command = ["Rscript", WITH_R, HISTORIES / f"{name}.csv", str(BOOT)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    people, seconds = map(float, answer.split())
    ours = fit_model(data_set(name).table, stepwise_model(data_set(name).table, Existence())).people
    assert math.isclose(people, ours, rel_tol=1e-4), (name, people, ours)
    return seconds


def stepwise_boot(name: str) -> None:
    table, existence = data_set(name).table, Existence()
    people = fit_model(table, stepwise_model(table, existence)).people
    bootstrap_interval(table, people, stepwise_choice(existence), BOOT, seed=1, level=0.95)


def bic_boot(name: str, order: int) -> None:
    table, existence = data_set(name).table, Existence()
    fits = best_models(table, order, existence)
    bootstrap_interval(table, fits[0].people, bic_choice(fits, existence), BOOT, seed=1, level=0.95)


def point(name: str) -> None:
    hierarchical_models.cache_clear()  # to list the models is part of the work
    estimate(data_set(name), "bic", boot=0)


if __name__ == "__main__":
    main()
