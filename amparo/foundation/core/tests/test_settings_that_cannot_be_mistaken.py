"""A setting means what it says, or the start ends: no unknown word starts the demonstration."""

import pytest

from amparo.foundation.core.environment import read
from amparo.foundation.core.refusal import Misconfigured


@pytest.mark.parametrize("name", ["AMPARO_DEMO", "AMPARO_HOOKS_INSIDE"])
@pytest.mark.parametrize("text", ["false", "no", "off", "", "true", "2", " 1"])
def test_what_is_neither_0_nor_1_ends_the_start(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(Misconfigured, match=f"{name}={text} is neither 0 nor 1"):
        read()


@pytest.mark.parametrize(("text", "demo"), [("0", False), ("1", True), ("public", True)])
def test_each_value_of_the_demonstration_is_itself(monkeypatch, text, demo):
    monkeypatch.setenv("AMPARO_DEMO", text)
    assert read().demo is demo


@pytest.mark.parametrize("hosts", ["192.0.2.10", "127.0.0.1,192.0.2.10", "2001:db8::10"])
def test_the_demonstration_is_shown_to_others_on_purpose_only(monkeypatch, hosts):
    monkeypatch.setenv("AMPARO_HOST", hosts)
    monkeypatch.delenv("AMPARO_DEMO", raising=False)
    with pytest.raises(Misconfigured, match="AMPARO_DEMO=public"):
        read()
    monkeypatch.setenv("AMPARO_DEMO", "public")  # the control: on purpose
    assert read().demo
    monkeypatch.setenv("AMPARO_DEMO", "0")  # and a real hotline
    assert not read().demo


def test_on_this_machine_alone_it_needs_no_word(monkeypatch):
    monkeypatch.setenv("AMPARO_HOST", "127.0.0.1,::1")
    monkeypatch.delenv("AMPARO_DEMO", raising=False)
    assert read().demo
