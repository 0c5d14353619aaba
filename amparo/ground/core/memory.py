"""What a process has heard and let go is overwritten in its memory: a number freed is not a number forgotten."""

import os
import sys

# Python's own allocator keeps freed blocks as they were. The C library's can fill them (mallopt(3), M_PERTURB), but
# not those in its cache for threads. Measured: the switchboard's CPU per call stays the same within its noise.
ALLOCATOR = "PYTHONMALLOC"
WIPING = {ALLOCATOR: "malloc", "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"}


def overwrite_what_is_freed() -> None:
    """Begin this process anew with memory that is overwritten when freed; returns in the new one.

    Only first thing in a process. Where the C library is not glibc, freed memory keeps what it held until used again.
    """
    if ALLOCATOR not in os.environ:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **WIPING})
