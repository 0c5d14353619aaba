"""Whether any input breaks a page: random requests to a running hotline, by every role.

    python -m bench.bad_input [--requests 100000] [--seed 3]

The requests go to the real web process over loopback, with the real switchboard and database. No answer may be 5xx,
no refusal may lack a sentence, and no log may hold what was sent. `make test` sends a smaller number.
"""

import argparse
import os
import sys
import time

from tests.hotline import hotline


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=3)
    wish = arguments.parse_args()
    with hotline(AMPARO_DEMO="0") as running:
        os.environ |= running.settings | {"DJANGO_SETTINGS_MODULE": "amparo.settings"}  # the addresses are read here
        import django

        django.setup()
        from tests.bad_input.running import run
        from tests.bad_input.trial import problems_in_logs

        start = time.monotonic()
        trial = run(running, wish.requests, wish.seed)
        took, logged = time.monotonic() - start, problems_in_logs(running)
    print(f"load average {os.getloadavg()[0]:.1f}, seed {wish.seed}")
    print(f"{trial.number_sent:,} requests by {len(trial.counts)} roles in {took:.0f} s: {dict(trial.answers)}")
    print(f"{trial.answers['5xx']} answers of 5xx, {len(trial.faults)} kinds of fault, {len(logged)} lines in logs")
    for what in [*(f"{kind}: {first}" for kind, first in trial.faults.items()), *logged]:
        print(f"  {what}")
    return 1 if trial.faults or logged else 0


if __name__ == "__main__":
    sys.exit(main())
