"""SIP addresses are called at the trunk's host and at the hosts of AMPARO_SIP_HOSTS, and nowhere else."""

import pytest

from amparo.foundation.core import addresses, environment
from amparo.foundation.core.refusal import Misconfigured

HERE = ("127.0.0.1",)


def test_the_trunk_and_the_listed_hosts_with_their_port_or_without(monkeypatch):
    monkeypatch.setenv("AMPARO_TRUNK", "192.0.2.1:5060")
    monkeypatch.setenv("AMPARO_SIP_HOSTS", "192.0.2.7:5070, LOCALHOST:5080")
    assert environment.read_environment().sip_hosts == {
        "192.0.2.1": ("192.0.2.1", 5060), "192.0.2.1:5060": ("192.0.2.1", 5060),
        "192.0.2.7": ("192.0.2.7", 5070), "192.0.2.7:5070": ("192.0.2.7", 5070),
        "localhost": ("127.0.0.1", 5080), "localhost:5080": ("127.0.0.1", 5080),
    }  # fmt: skip


def test_without_them_nowhere(monkeypatch):
    monkeypatch.delenv("AMPARO_TRUNK", raising=False)
    monkeypatch.delenv("AMPARO_SIP_HOSTS", raising=False)
    assert environment.read_environment().sip_hosts == {}


def test_a_host_without_its_port_is_the_trunk_or_else_the_first_of_the_list():
    trunk = {"Trunk.example:5060": ("192.0.2.1", 5060)}  # by its name, which is not resolved again
    listed = "192.0.2.7:5070,192.0.2.7:5080,trunk.example:5090,trunk.example:5060"
    found = addresses.sip_hosts(listed, HERE, trunk)
    assert (found["trunk.example"], found["trunk.example:5060"]) == (("192.0.2.1", 5060), ("192.0.2.1", 5060))
    assert (found["192.0.2.7"], found["192.0.2.7:5080"]) == (("192.0.2.7", 5070), ("192.0.2.7", 5080))


@pytest.mark.parametrize("host", ["nowhere.invalid", "[2001:db8::7]"])  # the second: of a family we do not listen on
def test_a_host_without_an_address_stops_nothing_and_is_known_to_have_none(host):
    found = addresses.sip_hosts(f"192.0.2.7:5060,{host}:5060", HERE, {})
    assert (found["192.0.2.7"], found[host], found[f"{host}:5060"]) == (("192.0.2.7", 5060), None, None)


@pytest.mark.parametrize(
    "text", ["192.0.2.7", "192.0.2.7:99999", "192.0.2.7:", ":5060", "2001:db8::7:5060", "192.0.2.7:5060,no where:5060"]
)
def test_what_is_no_host_with_a_port_stops_the_start_with_a_sentence(text):
    with pytest.raises(Misconfigured, match="AMPARO_SIP_HOSTS"):
        addresses.sip_hosts(text, HERE, {})
