"""Whether a running call keeps its sound in a flood of INVITEs whose sender takes no CPU from us.

    python -m bench.flood_apart [--seconds 10] [--rate 500] [--share 0.25]

As root, on a quiet machine. The hotline runs in a network of its own, and the sender in another one behind a veth pair;
the sender may use `share` of one core. First line: no flood (the control). What was sent and answered is printed, so
that a flood that never arrived is not taken for a harmless one.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.hotline import Hotline, hotline

from .flood import FRAMES, NEW, TELEPHONE, Line, request, sdp

LINE, SENDER = "10.99.0.1", "10.99.0.2"
NAMESPACE, LINK, FAR_LINK = "flood-sender", "flood0", "flood1"
GROUPS = Path("/sys/fs/cgroup/cpu/amparo-flood"), Path("/sys/fs/cgroup/amparo-flood")  # of cgroup 1 and 2
PERIOD = 100_000  # microseconds


def run(command: str) -> None:
    subprocess.run(command.split(" "), check=True)


@contextmanager
def sender_apart(port: int) -> Iterator[None]:
    """Give the sender a network of its own. What it sends to LINE reaches 127.0.0.1, where a demonstration listens."""
    run(f"ip netns add {NAMESPACE}")
    try:
        run(f"ip link add {LINK} type veth peer name {FAR_LINK} netns {NAMESPACE}")
        run(f"ip address add {LINE}/24 dev {LINK}")
        run(f"ip link set {LINK} up")
        for command in (f"address add {SENDER}/24 dev {FAR_LINK}", f"link set {FAR_LINK} up", "link set lo up"):
            run(f"ip -n {NAMESPACE} {command}")
        Path(f"/proc/sys/net/ipv4/conf/{LINK}/route_localnet").write_text("1")
        run("nft add table ip flood")
        chain = "add chain ip flood in { type nat hook prerouting priority dstnat; }"
        subprocess.run(["nft", chain], check=True)
        run(f"nft add rule ip flood in iifname {LINK} udp dport {port} dnat to 127.0.0.1:{port}")
        yield
    finally:
        subprocess.run(["nft", "delete", "table", "ip", "flood"], check=False, stderr=subprocess.DEVNULL)
        run(f"ip netns delete {NAMESPACE}")  # and the pair with it


def limit_cpu(pid: int, share: float) -> bool:
    """Let a process use `share` of one core. Returns False if the machine has no cgroups for it."""
    for group in GROUPS:
        with suppress(OSError):
            group.mkdir(exist_ok=True)
            if (quota := group / "cpu.cfs_quota_us").exists():
                (group / "cpu.cfs_period_us").write_text(str(PERIOD))
                quota.write_text(str(round(share * PERIOD)))
            else:
                (group / "cpu.max").write_text(f"{round(share * PERIOD)} {PERIOD}")
            (group / "cgroup.procs").write_text(str(pid))
            return True
    return False


def send(port: int, rate: int, seconds: float) -> Counter[str]:
    """Send INVITEs and acknowledge nothing. Returns how many were sent, and the answers by status."""
    answers: Counter[str] = Counter()
    wire = socket.socket(type=socket.SOCK_DGRAM)
    wire.bind((SENDER, 0))
    wire.setblocking(False)
    own, start = wire.getsockname()[1], time.monotonic()
    for number in range(int(rate * seconds)):
        while (early := start + number / rate - time.monotonic()) > 0:
            time.sleep(min(early, 0.01))
            with suppress(BlockingIOError):
                while True:
                    answers[wire.recv(4096).split(b" ", 2)[1].decode()] += 1
        call = secrets.token_hex(8)
        wire.sendto(request("INVITE", SENDER, own, call, call, 1, sdp(SENDER, own)), (LINE, port))
        answers["sent"] += 1
    answers["seconds"] = round(time.monotonic() - start)
    return answers


async def measure(line: Hotline, seconds: float, sender: subprocess.Popen[str] | None) -> str:
    """Return what a running call lost, and how new calls fared, while the sender sends."""
    running = Line(TELEPHONE, line.sip_port)
    assert await running.call_up() == 200
    await asyncio.sleep(2)
    if sender is not None and sender.stdin:
        sender.stdin.write("go\n")
        sender.stdin.flush()
    before, start, codes, slowest = running.packets, time.monotonic(), Counter[int](), 0.0
    while time.monotonic() - start < seconds:
        began, new = time.monotonic(), Line(NEW, line.sip_port)
        codes[await new.call_up()] += 1
        slowest = max(slowest, time.monotonic() - began)
        new.hang_up()
        await asyncio.sleep(0.5)
    expected = FRAMES * (time.monotonic() - start)
    lost = max(0.0, 1 - (running.packets - before) / expected)
    running.hang_up()
    return f"lost {lost:.2%} of {expected:.0f} packets   new calls by status {dict(codes)}, slowest {slowest:.2f} s"


def flooded(line: Hotline, seconds: float, rate: int, share: float) -> str:
    with sender_apart(line.sip_port):
        program = [sys.executable, "-m", "bench.flood_apart", "--send-to", str(line.sip_port)]
        options = ["--rate", str(rate), "--seconds", str(seconds)]
        command = ["ip", "netns", "exec", NAMESPACE, "nice", "-n", "10", *program, *options]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdout is not None
            sender.stdout.readline()  # it is loaded
            is_limited = limit_cpu(sender.pid, share)
            found = asyncio.run(measure(line, seconds, sender))
            answers = json.loads(sender.stdout.readline())
        for group in GROUPS:
            with suppress(OSError):
                group.rmdir()
    bound = f"{share:.0%} of a core" if is_limited else "nice 10 alone: no cgroup"
    return f"{found}   sender ({bound}): {answers}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--rate", type=int, default=500, help="INVITEs a second")
    arguments.add_argument("--share", type=float, default=0.25, help="of one core, for the sender")
    arguments.add_argument("--send-to", type=int, metavar="PORT", help=argparse.SUPPRESS)
    wish = arguments.parse_args()
    if wish.send_to:
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(send(wish.send_to, wish.rate, wish.seconds)), flush=True)
        return
    os.unshare(os.CLONE_NEWNET)
    run("ip link set lo up")
    with hotline() as line:
        for name, round_ in (("nothing (control)", None), (f"{wish.rate} INVITEs a second", wish.rate)):
            if round_ is None:
                found = asyncio.run(measure(line, wish.seconds, None))
            else:
                found = flooded(line, wish.seconds, wish.rate, wish.share)
            print(f"{name:<26}{found}   load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
