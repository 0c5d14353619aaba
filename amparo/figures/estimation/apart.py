"""Estimate in a process of its own, which knows nothing of Django or the database."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

LOWER_PRIORITY = 5  # calls get three times as much of a processor; more, and a busy machine would never finish
LONGEST = 3600  # seconds


def draw_apart(names: list[str], counts: dict[str, int], resamples: int, seed: int) -> dict[str, Any]:
    """Run `drawn.draw` in a process of its own, at low priority: calls come first, and its memory is freed at its end.

    Raises `subprocess.SubprocessError` if there is no answer.
    """
    request = json.dumps({"names": names, "counts": counts, "resamples": resamples, "seed": seed})
    program = [sys.executable, "-m", "amparo.figures.estimation.apart"]
    with tempfile.TemporaryDirectory() as compiled:  # the account of the worker cannot write beside the program
        kept = os.environ.get("NUMBA_CACHE_DIR", compiled)  # compiling takes longer than estimating
        cache = kept if os.access(kept, os.W_OK) else compiled
        environment = {"PATH": os.defpath, "NUMBA_CACHE_DIR": cache}  # and no secret
        answered = subprocess.run(
            program, input=request, stdout=subprocess.PIPE, env=environment, text=True, timeout=LONGEST, check=True
        )
    return dict(json.loads(answered.stdout))


def main() -> None:
    """Use one processor, at a lower priority. Read from the standard input, and write to the standard output."""
    os.nice(LOWER_PRIORITY)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from .drawn import draw

    json.dump(draw(**json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
