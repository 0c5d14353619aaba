"""Ends the servers of a test process that died, however it died.

    python tests/left_behind.py     reads lines from standard input; at its end it stops what they name and still runs

A line is a process id and when that process started (/proc/<pid>/stat), or the folder of a PostgreSQL cluster.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_watcher: subprocess.Popen[str] | None = None


def watch() -> None:
    """Start the process that outlives this one. Its input closes when this one ends, even by kill -9."""
    global _watcher
    command = [sys.executable, "-IS", __file__]
    _watcher = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)


def note_process(pid: int) -> None:
    _note(f"{pid} {started(pid)}")


def note_cluster(folder: Path) -> None:
    _note(str(folder))


def _note(line: str) -> None:
    if _watcher and _watcher.stdin:
        print(line, file=_watcher.stdin, flush=True)


def started(pid: int) -> str:
    """When a process started, in ticks; blank if there is none. A later process may have the same id."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def stop(line: str) -> None:
    pid, _, start = line.rpartition(" ")
    with suppress(OSError, ValueError, IndexError):
        if not pid.isdigit():
            os.kill(int(Path(line, "postmaster.pid").read_text().split()[0]), signal.SIGINT)  # PostgreSQL's fast stop
        elif start and started(int(pid)) == start:
            os.kill(int(pid), signal.SIGTERM)


def main() -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for line in dict.fromkeys(sys.stdin.read().splitlines()):
        stop(line)


if __name__ == "__main__":
    main()
