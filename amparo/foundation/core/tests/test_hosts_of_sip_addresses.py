"""SIP addresses are called at the trunk's host and at the hosts of AMPARO_SIP_HOSTS, and nowhere else."""

import pytest

from amparo.foundation.core import addresses
from amparo.foundation.core.refusal import Misconfigured

HERE = ("127.0.0.1",)


def test_the_trunk_and_the_listed_hosts_with_their_port_or_without(monkeypatch):
    monkeypatch.setenv("AMPARO_TRUNK", "192.0.2.1:5060")
    monkeypatch.setenv("AMPARO_SIP_HOSTS", "192.0.2.7:5070, LOCALHOST:5080")
    assert addresses.sip_hosts(HERE) == {
        "192.0.2.1": ("192.0.2.1", 5060), "192.0.2.1:5060": ("192.0.2.1", 5060),
        "192.0.2.7": ("192.0.2.7", 5070), "192.0.2.7:5070": ("192.0.2.7", 5070),
        "localhost": ("127.0.0.1", 5080), "localhost:5080": ("127.0.0.1", 5080),
    }  # fmt: skip


def test_without_them_nowhere(monkeypatch):
    monkeypatch.delenv("AMPARO_TRUNK", raising=False)
    monkeypatch.delenv("AMPARO_SIP_HOSTS", raising=False)
    assert addresses.sip_hosts(HERE) == {}


@pytest.mark.parametrize("text", ["192.0.2.7", "192.0.2.7:99999", "192.0.2.7:5060,nowhere.invalid"])
def test_what_is_no_host_with_a_port_stops_the_start_with_a_sentence(monkeypatch, text):
    monkeypatch.delenv("AMPARO_TRUNK", raising=False)
    monkeypatch.setenv("AMPARO_SIP_HOSTS", text)
    with pytest.raises(Misconfigured, match="AMPARO_SIP_HOSTS"):
        addresses.sip_hosts(HERE)
