"""Which ports of this machine a process of the tests uses, so that two side by side never meet.

Each worker of pytest has 8,000 for sound and 1,500 for servers, all below those that Linux gives to whoever asks for
any (from 32768 on). Whoever dials takes the 2,000 after the range of the switchboard (amparo/demo/telephone.py).
"""

import itertools
import os
import socket

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
SOUND, SERVERS = 16_000 + 8_000 * WORKER, 10_000 + 1_500 * WORKER
RTP_OF_TESTS = f"{SOUND}-{SOUND + 1999}"
RTP_OF_HOTLINES = f"{SOUND + 4000}-{SOUND + 5999}"

_next = itertools.count(os.getpid())


def free_port() -> int:
    """One that nobody has on 127.0.0.1, neither TCP nor UDP; another each time."""
    while True:
        port = SERVERS + next(_next) % 1_500
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                for probe in (tcp, udp):
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
