"""`amparo run` as an administrator meets it: one sentence for what they can mend, and nothing is ever lost."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from amparo.foundation.core.database import DatabaseServer

from .hotline import Hotline, children_of, furnish
from .hotline import hotline as running
from .ports import free_port


@pytest.fixture(scope="module")
def house():
    with running() as hotline:
        yield hotline


@pytest.fixture
def hotline(house):
    """One home for all tests of this file, started again for each: starting is what they are about."""
    if house.process.poll() is not None:
        house.start()
    house.wait_until_well()
    return house


def test_it_prints_where_it_is_and_who_may_sign_in(hotline):
    end = time.monotonic() + 30
    while "Stop" not in (text := hotline.log.read_text()) and time.monotonic() < end:
        time.sleep(0.1)
    assert f"http://127.0.0.1:{hotline.http_port}/" in text
    assert f"sip:ayuda@127.0.0.1:{hotline.sip_port}" in text
    assert "ana / demo-ana" in text
    assert text.lstrip().startswith("Amparo  ")  # no warning before it


def test_health_names_each_part(hotline):
    end = time.monotonic() + 30
    while hotline.health()["ledger"] != "ok" and time.monotonic() < end:  # no reason to keep anybody off the line
        time.sleep(0.1)
    health = hotline.health()
    of_this_machine = {health.pop(part) for part in ("disk", "memory", "clock", "ports")}
    assert of_this_machine <= {"ok", "look", "failed"}
    parts = {"database": "ok", "switchboard": "ok", "worker": "ok", "ledger": "ok", "trunk": "ok"}
    parts |= {"backup": "look", "restore": "look", "version": "ok"}
    assert health == {"status": "ok", **parts}


def test_a_hotline_at_rest_writes_nothing_into_the_databases_log(hotline):
    log = hotline.home / "postgres.log"
    before = log.stat().st_size
    time.sleep(2)
    assert log.read_bytes()[before:] == b""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(DatabaseServer(hotline.home).url().replace("postgres@", "nobody:guessed@"))
    assert log.stat().st_size > before  # the control: what goes wrong stands there


def test_ctrl_c_stops_everything_it_started_and_a_second_run_keeps_all(hotline):
    secret = (hotline.home / "keys" / "django").read_text()
    assert hotline.stop() == 0
    assert hotline.processes() == {}
    hotline.start()
    assert (hotline.home / "keys" / "django").read_text() == secret


@pytest.mark.parametrize(
    "victims", [("web",), ("worker",), ("switchboard",), ("sealer",), ("postgres",), ("web", "postgres")]
)
def test_a_killed_process_comes_back_by_itself(hotline, victims):
    before = hotline.processes()
    assert set(victims) <= set(before)
    hotline.kill(*victims)

    def are_back() -> bool:
        now = hotline.processes()
        return all(len(now.get(v, ())) >= len(before[v]) and not now[v] & before[v] for v in victims)

    end = time.monotonic() + 60
    while time.monotonic() < end and not are_back():
        time.sleep(0.1)
    hotline.wait_until_well()
    assert are_back()
    assert "Traceback" not in hotline.log.read_text()


def test_after_everything_was_killed_the_next_run_recovers(hotline):
    hotline.kill()
    hotline.process.wait(10)
    hotline.start()
    assert hotline.health()["status"] == "ok"


def test_a_killed_run_leaves_no_port_taken(hotline):
    hotline.kill("run")
    hotline.process.wait(10)
    end = time.monotonic() + 30
    while set(hotline.processes()) - {"postgres"} and time.monotonic() < end:
        time.sleep(0.1)
    assert set(hotline.processes()) <= {"postgres"}


def test_a_second_run_in_the_same_home_says_so(hotline):
    second = hotline.run("run")
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "already running" in second.stderr


def refused(**settings: str) -> str:
    """What `amparo run` says when it cannot start: one sentence, and exit 2."""
    hotline = Hotline(**settings)
    done = hotline.run("run")
    hotline.clear_away()
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("kind", "setting"), [(socket.SOCK_STREAM, "AMPARO_HTTP_PORT"), (socket.SOCK_DGRAM, "AMPARO_SIP_PORT")]
)
def test_a_taken_port_is_named_with_its_setting(kind, setting):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", port := free_port()))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        output = refused(**{setting: str(port)})
    assert str(port) in output
    assert setting in output


AS_NOBODY = """
import os
from amparo.foundation.core import environment, processes
settings = environment.read_environment()
os.geteuid() or os.setuid(65534)
try:
    processes.check_ports(settings)
except environment.Misconfigured as sentence:
    print(sentence)
"""
OPEN_TO_ALL = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80  # as in many containers


def test_a_port_that_only_root_may_open_is_not_called_taken(tmp_path):
    def sentence_of(port: int) -> str:
        own = {"AMPARO_HOME": str(tmp_path), "AMPARO_HTTP_PORT": str(port), "AMPARO_SIP_PORT": str(free_port())}
        command = [sys.executable, "-c", AS_NOBODY]
        return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=True).stdout

    refusal = "This account may not open port 80: set AMPARO_HTTP_PORT to one from 1024 on.\n"
    assert sentence_of(80) == ("" if OPEN_TO_ALL else refusal)
    assert sentence_of(free_port()) == ""  # the control: this one it may


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    output = refused(AMPARO_HOME=str(tmp_path / "file" / "home"))
    assert "AMPARO_HOME" in output
    assert str(tmp_path) in output


def test_a_database_that_does_not_answer_is_named():
    assert "DATABASE_URL" in refused(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/amparo")


def test_an_owner_who_may_not_make_roles_is_told_what_to_type(hotline):
    server = DatabaseServer(hotline.home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as database:
        database.execute("drop role if exists weak")
        database.execute("create role weak login password 'invented'")
    output = refused(DATABASE_URL=f"postgresql://weak:invented@/amparo?host={server.socket_folder}")
    assert 'alter role "weak" createrole' in output


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("AMPARO_HTTP_PORT", "many"),
        ("AMPARO_RTP_PORTS", "1-2"),
        ("AMPARO_HOST", "example"),
        ("AMPARO_HOST", "192.0.2.1"),
        ("AMPARO_HOST", "0.0.0.0"),
        ("AMPARO_TRUNKS", "carrier.example"),
        ("AMPARO_TRUNK", "192.0.2.1"),
        ("AMPARO_TRUNK", "127.0.0.1:99999"),
        ("AMPARO_TRUNK", "127.0.0.1:0"),
        ("AMPARO_SIP_HOSTS", "192.0.2.7"),
        ("AMPARO_TIME_ZONE", "Lima"),
        ("AMPARO_POLICE_NUMBER", "the police"),
        ("AMPARO_POLICE_NUMBER", "  "),
        ("AMPARO_WITNESSES", "/mnt/one"),
        ("AMPARO_WITNESSES", "here,there"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(setting, value):
    assert setting in refused(**{setting: value})


def test_a_real_hotline_does_not_start_with_demo_people(hotline):
    hotline.stop()
    hotline.settings["AMPARO_DEMO"] = "0"
    done = hotline.run("run")
    del hotline.settings["AMPARO_DEMO"]
    assert done.returncode == 2
    assert "is that of a demonstration" in done.stderr


def test_a_long_folder_name_is_no_obstacle(tmp_path):
    home = tmp_path / ("a rather long name with spaces " * 4)
    home.mkdir()
    if os.geteuid() == 0:
        for folder in (tmp_path, *tmp_path.parents):
            if str(folder) != "/":
                folder.chmod(folder.stat().st_mode | 0o055)
    home.chmod(0o711)
    furnish(home)
    server = DatabaseServer(home)
    shutil.rmtree(server.data)
    server.start()  # a new cluster is made there, too
    server.stop()
    shutil.rmtree(server.data)
    furnish(home)
    with running(home) as hotline:
        assert hotline.health()["status"] == "ok"
        assert hotline.stop(signal.SIGTERM) == 0


def test_once_set_up_everything_works_off_the_network():
    done = subprocess.run([sys.executable, "-m", "tests.offline"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", ["leave()", "os.environ.update(offline.STAY_AT_HOME)"])
def test_off_the_network_nobody_is_reached(how):
    """The check itself: both ways close the door."""
    how = how if how.startswith("os.") else f"offline.{how}"
    ask = f"import os, sys; from tests import offline; {how}; sys.exit(offline.stranger_is_reached())"
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


def test_its_processes_share_memory_and_sign_in_each_as_itself(hotline):
    """Forked from one that has no connection to the database, they have a role of their own all the same."""
    [run], processes = hotline.processes()["run"], hotline.processes()
    forked = {pid for name in ("web", "worker", "sealer", "network") for pid in processes[name]}
    assert forked < set(children_of(run))
    assert all(share_of_memory(pid) < 0.8 for pid in forked)
    assert share_of_memory(*processes["switchboard"]) > 0.95  # the control: a program by itself
    with psycopg.connect(DatabaseServer(hotline.home).url()) as link:
        accounts = {name for (name,) in link.execute(
            "select usename from pg_stat_activity where datname = 'amparo' and pid <> pg_backend_pid()"
        )}  # fmt: skip
    assert accounts == {"amparo_web", "amparo_worker", "amparo_switchboard", "amparo_sealer"}


def share_of_memory(pid: int) -> float:
    """Of what is no file: 1 for a program by itself, less where pages are shared with the one it was forked from."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    size = {name: int(kb.split()[0]) for name, _, kb in (line.partition(":") for line in lines)}
    return size["Pss_Anon"] / size["Anonymous"]
