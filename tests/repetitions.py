"""How often a random property is tried: a few times in `make test`, many times in `make soak`, by the same code."""

import os

SOAK = os.environ.get("AMPARO_SOAK") == "1"


def repeat[T](few: T, many: T) -> T:
    return many if SOAK else few
