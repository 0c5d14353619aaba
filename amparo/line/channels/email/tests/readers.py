"""Readers that behave as a test needs. Each runs in the process of its own that reads e-mails."""

import os
import signal

from amparo.line.channels.email import mime


def endless_for_one(raw: bytes) -> dict:
    """One e-mail takes for ever."""
    while b"for ever" in raw:
        pass
    return mime.email_fields(raw)


def stopped_from_outside(_raw: bytes) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
