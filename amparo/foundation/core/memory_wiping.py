"""What a process has heard and let go is overwritten in its memory: a number freed is not a number forgotten."""

import asyncio
import gc
import os
import sys

# Python's own allocator keeps freed blocks as they were. The C library's can fill them (mallopt(3), M_PERTURB), but
# not those in its cache for threads. Measured: the switchboard's CPU per call stays the same within its noise.
ALLOCATOR = "PYTHONMALLOC"
WIPING = {ALLOCATOR: "malloc", "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"}
LONGEST_DATAGRAM = 65_507  # bytes, UDP over IPv4


def restart_with_wiping_allocator() -> None:
    """Begin this process anew with memory that is overwritten when freed; returns in the new one.

    Only first thing in a process. Where the C library is not glibc, freed memory keeps what it held until used again.
    """
    if ALLOCATOR not in os.environ:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **WIPING})


async def collect_every(seconds: float) -> None:
    """Let go of what is gone, for ever again: 4 ms with a hundred calls.

    What ended is often a cycle of objects that only the collector frees. What the loop received last stands in its
    buffer until something as long comes: that is a datagram of zeros, from ourselves.
    """
    loop = asyncio.get_running_loop()
    own, _protocol = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    try:
        while True:
            await asyncio.sleep(seconds)
            gc.collect()
            own.sendto(bytes(LONGEST_DATAGRAM), own.get_extra_info("sockname"))
    finally:
        own.close()
