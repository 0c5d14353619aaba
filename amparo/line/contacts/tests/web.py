"""A separate web process on the test's database, which a test can kill and restart."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.db import connection

from tests.ports import free_port

PATIENCE = 60  # seconds


class Web:
    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "amparo", "web"], env=self._environment())
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, "the web process ended"
            assert time.monotonic() < end, "the web process does not answer"
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the process at once, as a crash would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/sign-in", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def _environment(self) -> dict[str, str]:
        at = connection.settings_dict
        url = f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"
        if at["PORT"]:
            url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
        home = str(settings.ENVIRONMENT.home)
        own = {"DATABASE_URL": url, "AMPARO_HOME": home, "AMPARO_HTTP_PORT": str(self.port), "AMPARO_HOST": "localhost"}
        return {**os.environ, **own}
