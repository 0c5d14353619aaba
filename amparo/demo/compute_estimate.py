"""`python -m amparo.demo.compute_estimate > amparo/demo/estimate.json`: compute the demonstration's estimate anew.

Its lists are the public data set UKdat_4 of the package `amparo_estimation`, whose README names the source.
"""

import json
from typing import Any

from amparo.figures.estimation.page_content import estimate_for_page
from amparo_estimation import data_set

DATA_SET, RESAMPLES, SEED = "UKdat_4", 1000, 1


def compute() -> dict[str, Any]:
    """Return the columns of an `Estimate`. It takes a minute."""
    lists = data_set(DATA_SET)
    names, counts = list(lists.names), {str(cell): people for cell, people in lists.histories}
    return {
        "lists": {"names": names, "counts": counts}, "resamples": RESAMPLES, "seed": SEED,
        "drawn": estimate_for_page(names, counts, RESAMPLES, SEED),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(compute(), indent=1))
