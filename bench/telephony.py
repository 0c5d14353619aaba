"""How fast the line answers: call set-ups by SIPp against the real switchboard, beside SIPp answering itself.

    python -m bench.telephony [--rate 100] [--seconds 10] [--busy 0] [--trunk]

`--busy`: so many other processes count without a pause meanwhile, for a minute at most. `--trunk`: the calls come from
a carrier of ours, not from one stranger's host. SIPp shares this machine's cores. The floor is SIPp's own answering
side in the same run, in C, without audio or a database: compare the ratio.
"""

import argparse
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hotline import hotline
from tests.ports import free_port

MOST = 60  # seconds of other work
TALK = 1000  # ms between answer and BYE
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Load:
    name: str
    calls: int
    failed: int
    times: list[float]  # ms from INVITE to 200, as SIPp sees it (its clock steps by about 4 ms)
    cpu: float  # ms per call
    why: dict[str, int]  # calls that failed, by reason; packets that the kernel dropped

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    def __str__(self) -> str:
        return (
            f"{self.name:<22}{self.calls:>6} calls  {self.failed} failed   "
            f"INVITE to 200: p50 {self.percentile(0.5):.0f} ms  p99 {self.percentile(0.99):.0f} ms   "
            f"{self.cpu:.2f} ms of CPU per call   {self.why or ''}"
        )


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def place_calls(port: int, rate: int, calls: int, folder: Path, patience: int = 90) -> tuple[int, list[float]]:
    """Run SIPp as callers; return the number of failures, and the milliseconds from each INVITE to its 200."""
    command = [
        "sipp", f"127.0.0.1:{port}", "-sn", "uac", "-s", "ayuda", "-d", str(TALK), "-r", str(rate), "-m", str(calls),
        "-i", "127.0.0.1", "-p", str(free_port()), "-trace_rtt", "-rtt_freq", "1", "-nostdin",
        "-timeout", f"{patience}s", "-recv_timeout", str(500 * patience),
        "-trace_error_codes", "-trace_stat", "-fd", "1", "-stf", str(folder / "statistics.csv"),
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    last = _last_statistics(folder)
    times = [row["response_time_ms"] for path in folder.glob("*_rtt.csv") for row in _rows(path)]
    return calls - int(last["SuccessfulCall(C)"]), [float(t) for t in times]


def why_calls_failed(folder: Path) -> dict[str, int]:
    """How many calls of SIPp failed in which way, and the SIP codes of the answers that it did not expect."""
    last = _last_statistics(folder)
    why = Counter({name: int(count) for name, count in last.items() if name.startswith("Failed") and "(C)" in name})
    for log in folder.glob("*_error_codes.*"):
        why.update(re.findall(r"\b[3-6]\d\d\b", log.read_text()))
    return {name: count for name, count in why.items() if count}


def _last_statistics(folder: Path) -> dict[str, str]:
    *_, last = csv.DictReader((folder / "statistics.csv").open(), delimiter=";")
    return last


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        names = ["date_ms", "response_time_ms", "rtd_no"]
        return [dict(zip(names, line.strip().split(";"), strict=False)) for line in file if line[0].isdigit()]


def measure(name: str, port: int, pid: int, rate: int, calls: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        before, dropped = cpu_seconds(pid), dropped_packets(port)
        failed, times = place_calls(port, rate, calls, Path(folder))
        why = why_calls_failed(Path(folder))
        if lost := dropped_packets(port) - dropped:
            why["dropped by the kernel"] = lost
        return Load(name, calls, failed, times, 1000 * (cpu_seconds(pid) - before) / calls, why)


def dropped_packets(port: int) -> int:
    """Packets that found the buffer of our UDP socket on this port full."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if int(row[1].partition(":")[2], 16) == port)


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    """Let so many processes count meanwhile; each ends by itself after MOST seconds."""
    count = f"import time\nend = time.monotonic() + {MOST}\nwhile time.monotonic() < end: pass"
    counting = [subprocess.Popen([sys.executable, "-c", count]) for _ in range(number)]
    try:
        yield
    finally:
        for each in counting:
            each.kill()
            each.wait()


def floor(rate: int, calls: int) -> Load:
    """Measure the floor: SIPp calls SIPp, without a switchboard."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin"]
        answering = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        load = measure("floor (SIPp answers)", port, answering.pid, rate, calls)
        answering.send_signal(signal.SIGKILL)
        answering.wait()
    return load


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=int, default=100)
    arguments.add_argument("--seconds", type=int, default=10)
    arguments.add_argument("--busy", type=int, default=0)
    arguments.add_argument("--trunk", action="store_true")
    wish = arguments.parse_args()
    with hotline(**{"AMPARO_TRUNKS": "127.0.0.1"} if wish.trunk else {}) as line:
        [pid] = line.processes()["switchboard"]
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(measure("one call at a time", line.sip_port, pid, 5, 50))
        with busy_processes(wish.busy):
            ours = measure(f"{wish.rate} calls a second", line.sip_port, pid, wish.rate, wish.rate * wish.seconds)
        print(ours)
        below = floor(wish.rate, wish.rate * wish.seconds)
        print(below)
        print(f"ratio to the floor: CPU {ours.cpu / max(below.cpu, 1e-9):.1f}, load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
