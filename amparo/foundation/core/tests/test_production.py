"""Refused settings of a real hotline, and the weaknesses that it reports."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

from amparo.foundation.core import accounts, production, settings_file
from amparo.foundation.core.environment import Environment, read_environment
from amparo.foundation.core.refusal import Misconfigured


@pytest.fixture
def real(tmp_path) -> Environment:
    """A hotline on loopback only."""
    environment = replace(read_environment(), home=tmp_path, demo=False, hosts=("127.0.0.1",), trunks=(), keys="file")
    environment.secret("acting")
    (tmp_path / "postgres").mkdir(mode=0o700)
    return environment


def test_without_trunks_nobody_is_let_in_from_outside(real):
    public = replace(real, hosts=("127.0.0.1", "192.0.2.10"))
    with pytest.raises(Misconfigured, match="AMPARO_TRUNKS"):
        production.refuse_unsafe_production(public)
    production.refuse_unsafe_production(
        replace(public, trunks=("192.0.2.1",))
    )  # the controls: a carrier, this machine, the demonstration
    production.refuse_unsafe_production(real)
    production.refuse_unsafe_production(replace(public, demo=True))


@pytest.mark.parametrize("own", [("127.0.0.1", "192.0.2.10"), ("2001:db8::7", "127.0.0.1")])
def test_calls_do_not_leave_from_loopback_to_a_trunk_elsewhere(real, own):
    there = replace(real, hosts=own, trunks=("192.0.2.1",), trunk=("192.0.2.1", 5060))
    with pytest.raises(
        Misconfigured, match=r"write this machine's own address first, as in AMPARO_HOST=192.0.2.10,127"
    ):
        production.refuse_unsafe_production(there)
    for right in (replace(there, hosts=("192.0.2.10", "127.0.0.1")), replace(there, trunk=("127.0.0.1", 5070))):
        production.refuse_unsafe_production(right)


def test_a_name_with_a_certificate_needs_the_web_server_that_has_it(real):
    named = replace(real, public_host="help.example", staff_host="desk.example")
    with pytest.raises(Misconfigured, match="set AMPARO_PROXIES"):
        production.refuse_unsafe_production(named)
    production.refuse_unsafe_production(replace(named, proxies=("127.0.0.1",)))
    production.refuse_unsafe_production(replace(named, staff_host="desk.onion"))


@pytest.mark.parametrize("name", ["keys/acting", "keys", "postgres"])
def test_what_others_can_read_ends_the_start(real, name):
    path = real.home / name
    production.refuse_unsafe_production(real)  # the control
    path.chmod(path.stat().st_mode | 0o004)
    with pytest.raises(Misconfigured, match=f"{path} can be read by every account"):
        production.refuse_unsafe_production(real)
    production.refuse_unsafe_production(replace(real, demo=True))


def test_an_identity_that_others_can_read_ends_the_start(real, monkeypatch, tmp_path):
    path = tmp_path / "identity"
    path.write_text("of a custodian")
    path.chmod(0o600)
    monkeypatch.setenv("AMPARO_AGE_IDENTITY", str(path))
    production.refuse_unsafe_production(real)
    path.chmod(0o644)
    with pytest.raises(Misconfigured, match=str(path)):
        production.refuse_unsafe_production(real)


def warnings_of(environment: Environment) -> list[str]:
    with translation.override("en"):
        return [str(weakness.what) for weakness in production.weaknesses(environment)]


MENDED = [
    ("Keys stand in files", {"keys": "age"}),
    ("No backup can be made", {"backup_recipients": ("age1somebody",)}),
    ("The witnesses", {"witnesses": (Path("/proc"), Path("/sys"))}),
    ("Staff come without TLS", {"staff_host": "desk.example.org"}),
    ("Telephone calls", {"hosts": ("127.0.0.1",)}),
    ("A host of AMPARO_SIP_HOSTS", {"sip_hosts": {"192.0.2.7:5070": ("192.0.2.7", 5070)}}),
    ("The database is the embedded", {"database_url": "postgresql://amparo@db.example/amparo"}),
]


@pytest.mark.parametrize(("sentence", "change"), MENDED)
def test_each_weakness_is_listed_until_it_is_fixed(real, sentence, change):
    weak = replace(
        real, hosts=("192.0.2.10",), witnesses=(real.home, real.home), backup_recipients=(),
        staff_host=None, sip_tls=None, database_url=None, process="web", sip_hosts={"nowhere.invalid:5060": None},
    )  # fmt: skip
    before, after = warnings_of(weak), warnings_of(replace(weak, **change))
    assert len(before) == len(MENDED) + 1  # all run under one account here
    assert [it for it in before if it not in after] == [it for it in before if it.startswith(sentence)]
    assert len(after) == len(before) - 1


@pytest.mark.parametrize(("mode", "is_weak"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_settings_that_every_account_can_read_are_listed(real, monkeypatch, tmp_path, mode, is_weak):
    file = tmp_path / "amparo.conf"
    monkeypatch.setattr(settings_file, "FILE", file)
    assert not [each for each in warnings_of(real) if "can read the settings" in each]  # without a file
    file.write_text("AMPARO_TRUNK_SECRET=invented")
    file.chmod(mode)
    assert len([each for each in warnings_of(real) if "can read the settings" in each]) == is_weak


@pytest.mark.as_root
def test_under_an_account_of_its_own_a_process_does_not_say_that_all_share_one(real):
    accounts.create_accounts()
    code = "from amparo.foundation.core import accounts; print(accounts.is_process_account())"
    own = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, **accounts.account_options("amparo-web")
    )
    ours = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (own.stdout, ours.stdout) == ("True\n", "False\n")
