"""An operator types while the sealer stands still, as if its machine were away.

    python -m bench.sealer_away [--seconds 3600]

A signal stops the process without killing it, so that nothing starts another. Meanwhile /healthz must report how far
the ledger is behind. Then the sealer continues; all that was acknowledged must be there and sealed, and the ledger
intact.
"""

import argparse
import os
import signal
import time

from tests.hotline import Hotline, hotline

from .kills import Operator, report

TYPING = 1.0  # seconds between two batches
LOOK = 60  # seconds


def away(it: Hotline, seconds: float) -> None:
    """Stop the sealer for this long, and print what /healthz reported."""
    [sealer] = it.processes()["sealer"]
    os.kill(sealer, signal.SIGSTOP)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(LOOK, left))
        print(f"{seconds - max(0, end - time.monotonic()):6.0f} s: {it.health()}", flush=True)
    os.kill(sealer, signal.SIGCONT)


def seconds_until_sealed(it: Hotline) -> float:
    began = time.monotonic()
    while it.health()["ledger"] != "ok":
        time.sleep(0.1)
    return time.monotonic() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=3600)
    wanted = arguments.parse_args()
    with hotline() as it:
        operator = Operator(it, typing=TYPING)
        operator.start()
        operator.go_on_writing()
        away(it, wanted.seconds)
        print(f"sealed {seconds_until_sealed(it):.1f} s after it went on")
        report(it, operator.finish())


if __name__ == "__main__":
    main()
