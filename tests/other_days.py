"""The database's tests once more, on days on which a count by days or months goes wrong first: under a false clock.

    python -m tests.other_days             every test that uses the database of tests, on each of DAYS
    python -m tests.other_days FOLDER ...  those of these folders or files

The clock runs on from there, so what begins ten minutes before midnight ends behind it. Timers keep the true pace.
It takes a little more than five runs of these tests. Needs `faketime` (deploy/test-tools installs it).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# By the clock of Lima, which knows no summer time.
DAYS = {
    "the last minutes of a year": "2026-12-31 23:50",
    "the end of February": "2027-02-28 23:50",
    "a leap day": "2028-02-29 12:00",
    "the first of a month": "2027-04-01 00:10",
    "a Monday": "2027-01-04 00:10",
}


def seconds_until(moment: str) -> int:
    """How far the false clock is ahead of the true one."""
    there = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("America/Lima"))
    return round((there - datetime.now(UTC)).total_seconds())


def run_at(moment: str, folders: Sequence[str]) -> int:
    """Run the tests at this moment; return the exit status of pytest. What they keep for later runs stays apart."""
    temporary = Path(tempfile.mkdtemp(prefix="other-day-"))
    temporary.chmod(0o711)  # started as root, PostgreSQL has an account of its own
    settings = {
        "TMPDIR": str(temporary),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",  # a killed process would leave a lock to a later PID
    }
    command = [sys.executable, "-m", "pytest", "-n2", "-p", "tests.soak", *folders]
    try:
        return subprocess.run(
            ["faketime", "-f", f"{seconds_until(moment):+d}s", *command], env={**os.environ, **settings}, check=False
        ).returncode
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def main(folders: Sequence[str]) -> int:
    failed = []
    for name, moment in DAYS.items():
        print(f"\n{moment}: {name}", flush=True)
        if run_at(moment, folders):
            failed.append(name)
    if failed:
        print(f"other_days: failed on {', '.join(failed)}.", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
