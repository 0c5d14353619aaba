"""Estimate in a process of its own, which knows nothing of Django or the database."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

LOWER_PRIORITY = 5  # calls get three times as much of a processor; more, and a busy machine would never finish
LONGEST = 3600  # seconds


def estimate_in_separate_process(names: list[str], counts: dict[str, int], resamples: int, seed: int) -> dict[str, Any]:
    """Run `estimate_for_page` in a process of its own at low priority, and return what it returns.

    So the hotline's calls come first, and the memory is freed when the process ends.
    Raises `subprocess.SubprocessError` if there is no answer.
    """
    request = json.dumps({"names": names, "counts": counts, "resamples": resamples, "seed": seed})
    program = [sys.executable, "-m", "amparo.figures.estimation.separate_process"]
    with tempfile.TemporaryDirectory() as compiled:  # the account of the worker cannot write beside the program
        kept = os.environ.get("NUMBA_CACHE_DIR", compiled)  # compiling takes longer than estimating
        cache = kept if os.access(kept, os.W_OK) else compiled
        environment = {"PATH": os.defpath, "NUMBA_CACHE_DIR": cache}  # and no secret
        answered = subprocess.run(
            program, input=request, stdout=subprocess.PIPE, env=environment, text=True, timeout=LONGEST, check=True
        )
    return dict(json.loads(answered.stdout))


def main() -> None:
    """Read JSON from the standard input, estimate on one processor at a lower priority, and write JSON."""
    os.nice(LOWER_PRIORITY)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from .page_content import estimate_for_page

    json.dump(estimate_for_page(**json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
