"""Reaching the embedded server's socket is not enough: the owner needs the right system account, others a password."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.refusal import Misconfigured

STRANGER = 65534  # nobody
ROLE, SECRET = "amparo_web", "invented"

ASK = """
import os, sys, psycopg
os.setgroups([]); os.setgid({stranger}); os.setuid({stranger})
try:
    psycopg.connect({url!r}).close()
    print("in")
except psycopg.OperationalError as error:
    print("out:", error)
"""


def as_stranger(url: str) -> str:
    """The server's answer to another account of this machine that reaches its socket."""
    code = ASK.format(stranger=STRANGER, url=url)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def server():
    """A home of an older version, where everybody was trusted; then started again, with its socket open to all."""
    home = Path(tempfile.mkdtemp(prefix="amparo-reach-", dir="/tmp"))
    home.chmod(0o755)
    (home / "run").mkdir()
    server = DatabaseServer(home)
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as link:
        link.execute(f"create role {ROLE} login password '{SECRET}'")
    server.stop()
    (server.data / "pg_hba.conf").write_text("local all all trust\n")
    server.log.chmod(0o644)
    server.start()
    server.socket_folder.chmod(0o755)
    yield server
    server.stop()
    shutil.rmtree(home)


def as_role(server: DatabaseServer, password: str = "") -> str:
    return server.url().replace("postgres@", f"{ROLE}{password and ':' + password}@")


@pytest.mark.as_root
def test_another_account_is_not_the_superuser(server):
    assert "Peer authentication failed" in as_stranger(server.url())


@pytest.mark.as_root
def test_a_role_needs_its_password(server):
    assert "no password supplied" in as_stranger(as_role(server))
    assert "password authentication failed" in as_stranger(as_role(server, "guessed"))
    assert as_stranger(as_role(server, SECRET)) == "in\n"  # the control: whoever has it


def test_the_account_that_started_it_owns_it_and_needs_a_password_for_any_other_role(server):
    psycopg.connect(server.url()).close()
    psycopg.connect(as_role(server, SECRET)).close()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(as_role(server))


def test_its_log_is_read_by_nobody_else(server):
    assert server.log.stat().st_mode & 0o077 == 0


@pytest.mark.as_root
def test_a_home_where_the_databases_account_may_not_go_is_a_sentence(tmp_path):
    closed = tmp_path / "like-root"
    (closed / "home" / "run").mkdir(parents=True)
    below = Path(tempfile.gettempdir())
    for folder in (tmp_path, *(folder for folder in tmp_path.parents if below in folder.parents)):
        folder.chmod(0o755)
    closed.chmod(0o700)
    with pytest.raises(Misconfigured, match=f"lies below {closed}, which the account amparo-db may not enter"):
        DatabaseServer(closed / "home").start()
