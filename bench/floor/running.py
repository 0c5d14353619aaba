"""The running floor: its own database on the hotline's server, filled, served by the same program."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import psycopg

from amparo.foundation.core.database import DatabaseServer
from bench.sides import Side
from tests.ports import free_port

FRESH = """insert into floor_contact (channel, operator_id, started, state, safe_to_talk, limits, notes, caller_role,
    place, language, urgency, privacy_choice, heard_of_us, type, hard_call, safe_number, safe_any_hour, safe_who,
    safe_voicemail, safe_story, safe_word, safe_language, safe_wanted, version)
    select 'call', 1 + (%s::int[])[1 + (n - 1) %% cardinality(%s::int[])], now(), 'open',
    '', false, '', '', '', 'es', '', '', '', '', '', '', false, '', false, '', '', '',
    false, 0 from generate_series(1, %s) n returning id"""
SERVE = """import uvicorn
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
pages = WSGIMiddleware(get_wsgi_application(), workers=8)
uvicorn.run(pages, port={port}, access_log=False, lifespan="off", log_level="error")
"""


class Floor:
    """The plain application: creating a `Floor` fills its database, and `with` starts and stops its web process.

    The database is deleted with the hotline's home.
    """

    def __init__(self, home: Path, cases: int, people: int, fresh: int, whose: Sequence[int]) -> None:
        server = DatabaseServer(home)
        self.database, self.port = server.url("floor"), free_port()
        with psycopg.connect(server.url(), autocommit=True) as link:
            link.execute("create database floor")
        self.environment = {
            **os.environ, "FLOOR_DATABASE": self.database, "DJANGO_SETTINGS_MODULE": "bench.floor.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.floor.load", str(cases), str(people)]
        filled = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        self.sessions: list[str] = json.loads(filled.stdout)
        places = list(whose)
        with psycopg.connect(self.database, autocommit=True) as link:
            self.fresh = [str(pk) for (pk,) in link.execute(FRESH, [places, places, fresh])]
            link.execute("checkpoint")

    def __enter__(self) -> "Floor":
        command = [sys.executable, "-c", SERVE.format(port=self.port)]
        self._process = subprocess.Popen(command, env=self.environment)
        while not self._answers():
            time.sleep(0.1)
        return self

    def __exit__(self, *_what: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def pids(self) -> set[int]:
        return {self._process.pid}

    def side(self, mine: dict[int, list[int]]) -> Side:
        return Side(self.port, self.sessions[: len(mine)], mine, self.fresh)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=5)
        except urllib.error.HTTPError:
            return True  # a 404 is an answer
        except OSError:
            return False
        return True
