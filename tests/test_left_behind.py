"""A test process that dies leaves no server behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import left_behind

from .prepared import CHECKOUT

DIES = """
import os, subprocess, sys
from tests import left_behind
left_behind.watch()
server = subprocess.Popen(["sleep", "300"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if sys.argv[1] == "noted":
    left_behind.note_process(server.pid)
print(server.pid, flush=True)
os.kill(os.getpid(), {signal})
"""


def has_ended(pid: int) -> bool:
    """True if it is gone or waits as a zombie for whoever adopted it."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_the_test_process_that_started_it(number):
    for noted in ("noted", "not noted"):  # the second is the control
        died = subprocess.run(
            [sys.executable, "-c", DIES.format(signal=int(number)), noted], cwd=CHECKOUT, capture_output=True, text=True
        )
        server = int(died.stdout)
        end = time.monotonic() + (60 if noted == "noted" else 0.5)
        while not has_ended(server) and time.monotonic() < end:
            time.sleep(0.02)
        assert has_ended(server) is (noted == "noted")
    subprocess.run(["kill", str(server)])


def test_a_later_process_with_the_same_number_is_left_alone():
    other = subprocess.Popen(["sleep", "300"])
    try:
        left_behind.stop(f"{other.pid} 1")
        assert other.poll() is None
        left_behind.stop(f"{other.pid} {left_behind.started(other.pid)}")  # the control
        assert other.wait(60) == -signal.SIGTERM
    finally:
        other.kill()


def without_worker() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "AMPARO"))}


def test_a_second_run_in_this_checkout_is_refused():
    done = subprocess.run([sys.executable, "-m", "pytest", "tests/test_names.py"], cwd=CHECKOUT, capture_output=True,
                          text=True, env=without_worker())  # fmt: skip
    assert done.returncode == 4
    assert "Other tests run in this checkout" in done.stdout + done.stderr
