"""Read an e-mail in a process of its own, with a limit of processor time and memory, and without any secret of ours."""

import json
import signal
import subprocess
import sys
from typing import Any

from . import mime

PROGRAM = [sys.executable, "-I", "-S", mime.__file__]
LONGEST = 120  # seconds; the limit of processor time ends it long before, even on a busy machine
ENDED_FROM_OUTSIDE = (-signal.SIGHUP, -signal.SIGINT, -signal.SIGTERM)


class Unreadable(Exception):
    """This e-mail cannot be read within the limits."""


class ReadingStopped(Exception):
    """Reading was stopped from outside, as when Amparo ends. The e-mail is not to blame."""


def read_in_separate_process(raw: bytes) -> dict[str, Any]:
    """Return `mime.email_fields` of an e-mail. Raises `Unreadable` or `ReadingStopped`."""
    try:
        answered = subprocess.run(  # its errors may repeat words of the e-mail, so nobody reads them
            PROGRAM, input=raw, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unreadable from None
    except OSError as error:
        raise ReadingStopped(type(error).__name__) from None
    if answered.returncode in ENDED_FROM_OUTSIDE:
        raise ReadingStopped
    if answered.returncode:
        raise Unreadable
    return dict(json.loads(answered.stdout))
