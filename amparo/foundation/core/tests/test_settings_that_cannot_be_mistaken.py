"""A setting means what it says, or the start ends: no unknown word starts the demonstration."""

import grp
import subprocess
import sys

import pytest

from amparo.foundation.core import accounts
from amparo.foundation.core.environment import read_environment
from amparo.foundation.core.refusal import Misconfigured


@pytest.mark.parametrize("name", ["AMPARO_DEMO", "AMPARO_HOOKS_INSIDE", "AMPARO_LISTENING"])
@pytest.mark.parametrize("text", ["false", "no", "off", "", "true", "2", " 1"])
def test_what_is_neither_0_nor_1_ends_the_start(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(Misconfigured, match=f"{name}={text} is neither 0 nor 1"):
        read_environment()


@pytest.mark.parametrize(("text", "demo"), [("0", False), ("1", True), ("public", True)])
def test_each_value_of_the_demonstration_is_itself(monkeypatch, text, demo):
    monkeypatch.setenv("AMPARO_DEMO", text)
    assert read_environment().demo is demo


@pytest.mark.parametrize("hosts", ["192.0.2.10", "127.0.0.1,192.0.2.10", "2001:db8::10"])
def test_the_demonstration_is_shown_to_others_on_purpose_only(monkeypatch, hosts):
    monkeypatch.setenv("AMPARO_HOST", hosts)
    monkeypatch.delenv("AMPARO_DEMO", raising=False)
    with pytest.raises(Misconfigured, match="AMPARO_DEMO=public"):
        read_environment()
    monkeypatch.setenv("AMPARO_DEMO", "public")  # the control: on purpose
    assert read_environment().demo
    monkeypatch.setenv("AMPARO_DEMO", "0")  # and a real hotline
    assert not read_environment().demo


def test_on_loopback_the_demonstration_needs_no_setting(monkeypatch):
    monkeypatch.setenv("AMPARO_HOST", "127.0.0.1,::1")
    monkeypatch.delenv("AMPARO_DEMO", raising=False)
    assert read_environment().demo


@pytest.mark.parametrize(
    ("demo", "hosts", "web", "found"),
    [
        ("1", "127.0.0.1", "", ("127.0.0.1",)),
        ("public", "192.0.2.10", "", ("192.0.2.10",)),
        ("0", "192.0.2.10", "", read_environment().hosts),
        ("0", "192.0.2.10,127.0.0.2", "", ("127.0.0.2",)),
        ("0", "192.0.2.10", "192.0.2.11,::1", ("192.0.2.11", "::1")),
    ],
)
def test_the_pages_of_a_real_hotline_listen_on_this_machine_alone(monkeypatch, demo, hosts, web, found):
    for name, value in (("AMPARO_DEMO", demo), ("AMPARO_HOST", hosts), ("AMPARO_WEB_HOST", web)):
        monkeypatch.setenv(name, value)
    environment = read_environment()
    assert (environment.hosts, environment.web_hosts) == (tuple(hosts.split(",")), found)
    assert environment.web_address.startswith(f"http://{found[0]}:")


def test_the_pages_of_a_demonstration_are_shown_to_others_on_purpose_only(monkeypatch):
    monkeypatch.setenv("AMPARO_WEB_HOST", "192.0.2.10")
    with pytest.raises(Misconfigured, match=r"AMPARO_WEB_HOST=192\.0\.2\.10 would show the demonstration"):
        read_environment()


@pytest.fixture
def sip_key(monkeypatch, tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_text("in PEM")
    key.write_text("in PEM")
    monkeypatch.setenv("AMPARO_SIP_CERTIFICATE", str(certificate))
    monkeypatch.setenv("AMPARO_SIP_KEY", str(key))
    return key


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o644, 0o666])
def test_a_key_of_the_telephones_that_others_can_read_ends_the_start(sip_key, mode):
    sip_key.chmod(mode)
    with pytest.raises(Misconfigured, match=f"AMPARO_SIP_KEY={sip_key} can be read by other accounts"):
        read_environment()
    sip_key.chmod(0o600)
    assert read_environment().sip_tls  # the control


def test_the_group_of_our_own_processes_may_read_it(sip_key, monkeypatch):
    monkeypatch.setattr(accounts, "LINE", grp.getgrgid(sip_key.stat().st_gid).gr_name)
    sip_key.chmod(0o640)
    assert read_environment().sip_tls
    sip_key.chmod(0o644)
    with pytest.raises(Misconfigured, match="AMPARO_SIP_KEY"):
        read_environment()


def test_the_start_says_so_in_one_sentence_and_exits_with_2(sip_key):
    sip_key.chmod(0o644)
    command = [sys.executable, "-m", "amparo", "run"]
    start = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert start.returncode == 2
    assert start.stderr.count("\n") == 1
    assert f"type `chmod 600 {sip_key}`" in start.stderr
