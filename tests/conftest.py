"""Every test runs against real PostgreSQL: the embedded server in a home of its own, or DATABASE_URL."""

import hashlib
import os
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


def test_home() -> Path:
    """A folder per checkout and account; short, for a socket's path may have 107 bytes."""
    name = hashlib.sha256(f"{CHECKOUT} {os.geteuid()}".encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"amparo-tests-{name}"
