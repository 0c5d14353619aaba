"""Parse what strangers wrote in a process of its own, which may use little memory and little time.

A file of a few kilobytes can make a parser take gigabytes and minutes. Here that ends the small process alone. It knows
nothing of Django, the database or our secrets.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

MEMORY = 400_000_000  # bytes of address space; Python and its libraries take a third of it
LONGEST_WAIT = 60  # seconds; on a crowded machine a second of a processor takes longer
LARGEST_ANSWER = 20_000_000  # bytes of JSON
TOO_COSTLY = 3  # exit status
FROM_OUTSIDE = (-signal.SIGHUP, -signal.SIGINT, -signal.SIGTERM)


class NotParsed(Exception):
    """The parser failed. The message never has words of the content."""


class ParsingStopped(NotParsed):
    """The process was ended from outside, as when Amparo ends, or could not start. The content is not to blame."""


class TooCostly(NotParsed):
    """The parser needed more memory or time than it may use, or found more than we keep."""


def parse_in_limited_process(parser: Callable[[bytes], Any], content: bytes, *, seconds: int) -> Any:
    """Return `parser(content)`, which was called in a process of its own, as it comes back from JSON.

    `parser` is a function of a module that needs no Django; it may use a processor for so many seconds. Raises
    `NotParsed` if it raised anything, `TooCostly` if it went beyond a limit, and `ParsingStopped`.
    """
    program = [sys.executable, "-I", "-m", __name__, parser.__module__, parser.__qualname__, str(seconds)]
    environment = {"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"}  # no secret; each thread would take memory
    try:
        done = subprocess.run(
            program, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            timeout=LONGEST_WAIT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TooCostly from None
    except OSError:
        raise ParsingStopped from None
    if done.returncode in FROM_OUTSIDE:
        raise ParsingStopped
    if done.returncode < 0 or done.returncode == TOO_COSTLY:  # below zero: ended by a signal
        raise TooCostly
    if done.returncode:
        raise NotParsed
    return json.loads(done.stdout)


def main(module: str, function: str, seconds: str) -> int:
    """Limit this process, parse the standard input and write JSON. Return the exit status."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        answer = json.dumps(getattr(import_module(module), function)(sys.stdin.buffer.read())).encode()
    except MemoryError:
        return TOO_COSTLY
    if len(answer) > LARGEST_ANSWER:
        return TOO_COSTLY
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
