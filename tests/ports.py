"""Ports for the test processes, so that workers side by side never collide; there is room for four.

Each pytest worker has 4,000 for sound and 1,500 for servers, all below the system's ephemeral ports (from 32768 on).
The caller's telephone takes the 1,000 after the range of the switchboard (amparo/line/practice_phone/telephone.py).
"""

import itertools
import os
import socket

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
SOUND, SERVERS = 16_000 + 4_000 * WORKER, 10_000 + 1_500 * WORKER
RTP_OF_TESTS = f"{SOUND}-{SOUND + 999}"
RTP_OF_HOTLINES = f"{SOUND + 2000}-{SOUND + 2999}"

BLOCKED = 10_080  # browsers refuse it

_next = itertools.count(os.getpid())


def free_port() -> int:
    """A port that is free on 127.0.0.1, for TCP and UDP; another one each time."""
    while True:
        port = SERVERS + next(_next) % 1_500
        if port == BLOCKED:
            continue
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                for probe in (tcp, udp):
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
