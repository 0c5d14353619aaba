"""What is typed during a call is kept, and whoever calls is answered, while other things are broken."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from email.utils import parsedate_to_datetime

import pytest

from amparo.foundation.core.database import DatabaseServer
from bench import kills

from .hotline import CHECKOUT, PATIENCE, Hotline, furnish, hotline
from .small_disk import may_mount

LONGEST = 300  # seconds


@pytest.mark.timeout(LONGEST)
def test_while_the_disk_is_full():
    assert may_mount(), "this system lets nobody have a disk of their own: run the tests as root"
    done = subprocess.run(
        [sys.executable, "-m", "tests.small_disk"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("away", ["+1d", "-1d"])
def test_while_our_clock_is_a_day_away_from_the_databases(away: str):
    it = Hotline(**clock(away))
    furnish(it.home)
    database = DatabaseServer(it.home)  # a separate one, on the machine's clock
    database.start()
    it.settings["DATABASE_URL"] = database.url()
    try:
        it.start()
        assert abs(seconds_ahead(it)) > 80_000
        tally = type_for_a_while(it)
        assert not kills.damage(it, tally)
        it.stop()
    finally:
        database.stop()
        it.clear_away()


def test_while_nobody_seals_the_ledger():
    with hotline() as it:
        [sealer] = it.processes()["sealer"]
        os.kill(sealer, signal.SIGSTOP)
        tally = type_for_a_while(it)
        assert it.do(waiting_to_be_sealed) > tally.saves
        os.kill(sealer, signal.SIGCONT)
        end = time.monotonic() + PATIENCE
        while it.run("audit", "verify").returncode and time.monotonic() < end:
            time.sleep(0.5)  # one witness has heard what was sealed, and the other has not yet
        assert not kills.damage(it, tally)


def type_for_a_while(it: Hotline) -> kills.Tally:
    operator = kills.Operator(it, typing=0, words=8)
    operator.start()
    operator.go_on_writing(20)
    tally = operator.finish()
    assert tally.wrapped
    return tally


def clock(away: str) -> dict[str, str]:
    """Settings under which a process believes the time to be so far away."""
    output = subprocess.run(["faketime", "-f", away, "env"], capture_output=True, text=True, check=True).stdout
    names = ("LD_PRELOAD=", "FAKETIME=")
    return dict(line.split("=", 1) for line in output.splitlines() if line.startswith(names)) | {
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",  # a killed process would leave a lock to a later PID
    }


def seconds_ahead(it: Hotline) -> float:
    """Of the web, against this process: by the Date of an answer."""
    with urllib.request.urlopen(f"{it.address}/healthz", timeout=10) as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


def waiting_to_be_sealed() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_entry where number is null")
        return int(cursor.fetchone()[0])
