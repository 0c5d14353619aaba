"""Wrong or missing settings end the start of a real hotline with one sentence, and its home stays as it was."""

import socket
from pathlib import Path

import pytest

from amparo.foundation.core.home_kind import FILE

from .hotline import Hotline

PUBLIC = "198.51.100.7"  # no address of this machine: what could listen there is refused before it tries
SETTINGS = {
    "nothing is set": ({}, "is that of a real hotline: set AMPARO_DEMO=0"),
    "demonstration": ({"AMPARO_DEMO": "1"}, "is that of a real hotline: set AMPARO_DEMO=0"),
    "public demonstration": ({"AMPARO_DEMO": "public"}, "is that of a real hotline: set AMPARO_DEMO=0"),
    "neither": ({"AMPARO_DEMO": "false"}, "AMPARO_DEMO=false is neither 0 nor 1"),
    "anybody may call": ({"AMPARO_HOST": PUBLIC}, "lets anybody who reaches it call in: set AMPARO_TRUNKS"),
    "loopback first": (
        {"AMPARO_HOST": f"127.0.0.1,{PUBLIC}", "AMPARO_TRUNK": f"{PUBLIC}:5060", "AMPARO_TRUNKS": PUBLIC},
        "lets calls leave from 127.0.0.1",
    ),
    "every address": ({"AMPARO_WEB_HOST": "0.0.0.0"}, "AMPARO_WEB_HOST=0.0.0.0 is not an address"),
    "trunk without a port": ({"AMPARO_TRUNK": PUBLIC}, f"AMPARO_TRUNK={PUBLIC} is no host with a port"),
    "trunk in another network": ({"AMPARO_TRUNK": "[2001:db8::1]:5060", "AMPARO_HOST": "127.0.0.1"}, "AMPARO_TRUNK="),
    "trunks by name": ({"AMPARO_TRUNKS": "sip.carrier.example"}, "AMPARO_TRUNKS=sip.carrier.example are not addresses"),
    "one name": ({"AMPARO_STAFF_HOST": "desk.example"}, "Set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST together"),
    "the same name": (
        {"AMPARO_PUBLIC_HOST": "desk.example", "AMPARO_STAFF_HOST": "desk.example"},
        "AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST are the same",
    ),
    "no web server": (
        {"AMPARO_PUBLIC_HOST": "help.example", "AMPARO_STAFF_HOST": "desk.example"},
        "set AMPARO_PROXIES to the address of the web server",
    ),
    "port": ({"AMPARO_SIP_PORT": "0"}, "AMPARO_SIP_PORT=0 is not a port"),
    "ports of sound": ({"AMPARO_RTP_PORTS": "20000"}, "AMPARO_RTP_PORTS=20000 is not a range"),
    "time zone": ({"AMPARO_TIME_ZONE": "Lima"}, "AMPARO_TIME_ZONE=Lima is not a time zone"),
    "clocks": ({"AMPARO_REPORT_CLOCKS": "72h,24h,15m"}, "AMPARO_REPORT_CLOCKS=72h,24h,15m are not three times"),
    "one witness": ({"AMPARO_WITNESSES": "/mnt/one"}, "AMPARO_WITNESSES=/mnt/one are not two folders"),
    "nobody's key": ({"AMPARO_KEYS": "age"}, "AMPARO_KEYS=age needs an identity"),
    "no identity": (
        {"AMPARO_KEYS": "age", "AMPARO_AGE_IDENTITY": "/nowhere"},
        "AMPARO_AGE_IDENTITY=/nowhere is not the file of an age identity",
    ),
    "recipients": ({"AMPARO_BACKUP_RECIPIENTS": "age1"}, "AMPARO_BACKUP_RECIPIENTS=age1 are not age recipients"),
    "half a certificate": ({"AMPARO_SIP_KEY": "/nowhere"}, "Set AMPARO_SIP_CERTIFICATE and AMPARO_SIP_KEY together"),
    "no file": ({"AMPARO_CONF": "/nowhere/amparo.conf"}, "AMPARO_CONF=/nowhere/amparo.conf is not a file"),
    "a folder": ({"AMPARO_CONF": "/"}, "The settings in / cannot be read (Is a directory)"),
}
FILES = {
    "exported": ("export AMPARO_DEMO=0", "write AMPARO_DEMO=value without it"),
    "misspelt": ("AMPARO_DEMOS=0", "do you mean AMPARO_DEMO?"),
    "commented": ("AMPARO_DEMO=0 # real", "a comment stands on a line of its own"),
}


@pytest.fixture
def real(tmp_path) -> Hotline:
    """A home that says that it is a real hotline's, before the rest is made in it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / FILE).write_text("real\n")
    it = Hotline(home)
    home.chmod(0o700)
    return it


def contents(home: Path) -> dict[str, tuple[int, bytes]]:
    return {str(it): (it.stat().st_mode, it.read_bytes() if it.is_file() else b"") for it in (home, *home.rglob("*"))}


def assert_refused_and_unchanged(it: Hotline, words: str) -> None:
    before = contents(it.home)
    done = it.run("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert contents(it.home) == before


@pytest.mark.parametrize("mistake", SETTINGS)
def test_a_wrong_setting_leaves_the_home_as_it_was(real, mistake):
    wrong, words = SETTINGS[mistake]
    real.settings |= {"AMPARO_DEMO": "0", **wrong} if wrong else {}
    assert_refused_and_unchanged(real, words)


@pytest.mark.parametrize("mistake", FILES)
def test_a_wrong_file_of_settings_leaves_the_home_as_it_was(real, tmp_path, mistake):
    text, words = FILES[mistake]
    (tmp_path / "amparo.conf").write_text(text)
    real.settings["AMPARO_CONF"] = str(tmp_path / "amparo.conf")
    assert_refused_and_unchanged(real, words)


def test_the_control_with_right_settings_the_home_changes_at_once(real):
    before = contents(real.home)
    with socket.socket() as taken:  # so that it goes no further
        taken.bind(("127.0.0.1", real.http_port))
        taken.listen()
        real.settings["AMPARO_DEMO"] = "0"
        done = real.run("run")
    assert f"Port {real.http_port} on 127.0.0.1 is taken" in done.stderr
    assert contents(real.home) != before


@pytest.mark.parametrize("command", ["doctor", "stop"])
def test_asking_about_a_home_that_nobody_started_makes_nothing_in_it(real, command):
    (real.home / FILE).unlink()
    before = contents(real.home)
    done = real.run(command)
    assert ("does not say yet what it is" in done.stderr) == (command == "doctor")
    assert contents(real.home) == before
