"""`python -m tests.offline`: leave the network, then set up, start and call the hotline as people do.

Root, and everybody who may make namespaces, gets a network with a loopback and nothing else. Ubuntu forbids that to
ordinary users: there our Python processes themselves refuse foreign addresses, which does not cover C code.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.telephony import place_calls

from .hotline import CHECKOUT, hotline

STRANGER = ("192.0.2.1", 80)  # RFC 5737: an address that nobody has
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41  # <linux/sockios.h>, <linux/if.h>
STAY_AT_HOME = {"PYTHONPATH": str(Path(__file__).parent / "without_network")}


def may_leave() -> bool:
    """True if this system allows a network namespace; tried in a process that ends."""
    leaving = [sys.executable, "-c", "from tests import offline; offline.leave()"]
    return subprocess.run(leaving, cwd=CHECKOUT, stderr=subprocess.DEVNULL, check=False).returncode == 0


def leave() -> None:
    """Give this process and its children a network with a loopback and nothing else."""
    user, group = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWNET | (os.CLONE_NEWUSER if user else 0))
    keep_own_name(user, group)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))


def keep_own_name(user: int, group: int) -> None:
    """Keep the user and group ids in a new user namespace, for people who were not root."""
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def stranger_is_reached() -> bool:
    """True if a child process reaches a foreign address. An unreachable network fails at once; a reachable one does not
    fail within a second.
    """
    ask = f"import socket; socket.create_connection({STRANGER}, 1)"
    output = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False).stderr
    return "[Errno 101]" not in output


def main() -> None:
    """Exit with 0 if all is well."""
    if may_leave():
        leave()
    else:
        os.environ.update(STAY_AT_HOME)
    assert not stranger_is_reached()
    for set_up in (["make", ".venv/run", ".venv/dev"], ["deploy/test-tools"], ["deploy/install", "gettext"]):
        subprocess.run(set_up, cwd=CHECKOUT, stdout=subprocess.DEVNULL, check=True)
    with hotline() as line, tempfile.TemporaryDirectory() as folder:
        assert line.health()["status"] == "ok"
        failed, times = place_calls(line.sip_port, rate=5, calls=3, folder=Path(folder))
    assert (failed, len(times)) == (0, 3)


if __name__ == "__main__":
    main()
