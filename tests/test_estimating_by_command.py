"""`amparo figures estimate`: hidden people, without a database or a hotline."""

import json
import os
import subprocess
import sys
from pathlib import Path

from amparo_estimation.lists import HISTORIES


def amparo(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/bin:/bin", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],  # compiled once for all tests
    }  # fmt: skip
    command = [sys.executable, "-m", "amparo", "figures", "estimate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_command_prints_json():
    found = amparo(str(HISTORIES / "Korea.csv"), "--method", "bic", "--boot", "100", "--json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["results"][0]["model"] == "[12,23]"


def test_options_may_come_first():
    assert amparo("--json", "--boot", "100", str(HISTORIES / "Korea.csv")).returncode == 0


def test_bad_lists_are_one_sentence_and_exit_2(tmp_path: Path):
    lists = tmp_path / "lists.csv"
    lists.write_text("police,shelter,n\n1,0,5\n1,2,3\n")
    found = amparo(str(lists))
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "Row 3, column 2 is neither 0 nor 1: write 1 for on the list and 0 for not on it.\n"
