"""How often something random is tried: a little in `make test`, at length in `make soak`, by the same code."""

import os

SOAK = os.environ.get("AMPARO_SOAK") == "1"


def repeat(few: int, many: int) -> int:
    return many if SOAK else few
