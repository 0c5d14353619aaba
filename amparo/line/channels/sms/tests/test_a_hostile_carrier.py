"""Whoever controls or forges the carrier's connection stops no worker, and no message behind a broken one."""

import struct
from collections.abc import Callable, Iterator

import pytest
from smpplib import consts

from amparo.line.channels.channel import Arrival, ProviderAway
from amparo.line.channels.sms import smpp
from amparo.line.channels.sms.channel import Sms

from .hostile import DELIVER, UNBIND, HostileCentre, deliver_sm, drip, pdu

WORDS = b"palabras inventadas"
FIELDS = deliver_sm(b"")[16:]
RESPONSE = 0x80000000


@pytest.fixture
def hostile(monkeypatch) -> Iterator[Callable[..., HostileCentre]]:
    """Start a centre that sends these bytes, or makes this attack."""
    begun = []

    def hostile(attack) -> HostileCentre:
        if isinstance(attack, bytes):
            sent = attack

            def attack(line):
                line.sendall(sent + pdu(UNBIND))

        begun.append(HostileCentre(attack))
        monkeypatch.setenv("AMPARO_SMS", f"smpp://127.0.0.1:{begun[-1].port}")
        return begun[-1]

    monkeypatch.setattr(smpp, "QUIET", 30)
    monkeypatch.setattr(smpp, "PATIENCE", 30)
    yield hostile
    for each in begun:
        each.stop()


def received() -> list[str]:
    arrivals: list[Arrival] = []

    def keep(arrival: Arrival) -> Callable[[], None]:
        arrivals.append(arrival)
        return lambda: None

    Sms().receive(keep)
    return [arrival.text for arrival in arrivals]


BROKEN = {
    "no fields": pdu(DELIVER),
    "a field cut": pdu(DELIVER, b"\0\1"),
    "a text without its end": pdu(DELIVER, FIELDS[:12]),
    "an optional field without its value": pdu(DELIVER, FIELDS + struct.pack(">HH", 0x0204, 2)),
    "an optional field cut": pdu(DELIVER, FIELDS + b"\0"),
    "no text has an end": pdu(DELIVER, b"\xff" * 60_000),
    "a notification cut": pdu(0x0000_0102, b"\0"),
    "no command of SMPP": pdu(0x0000_7777),
    "outbind": pdu(0x0000_000B, b"\0" * 9),
    "an answer to nothing": pdu(0x8000_0009, b"\0"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_pdu_that_cannot_be_read_does_not_hold_up_the_next(hostile, broken):
    centre = hostile(broken + deliver_sm(WORDS, sequence=7))
    assert received()[-1:] == [WORDS.decode()]
    centre.wait_for_end()
    assert (DELIVER | RESPONSE, consts.SMPP_ESME_ROK, 7) in centre.answers


def test_a_message_that_cannot_be_read_is_refused_for_good(hostile):
    centre = hostile(pdu(DELIVER, b"\0\1", sequence=5))
    assert received() == []
    centre.wait_for_end()
    assert (DELIVER | RESPONSE, consts.SMPP_ESME_RX_P_APPN, 5) in centre.answers


def test_a_message_is_kept_though_an_optional_field_of_it_cannot_be_read(hostile):
    unknown_here = struct.pack(">HHB", 0x0007, 1, 1)  # dest_bearer_type
    hostile(deliver_sm(WORDS, optional=unknown_here) + deliver_sm(b"next", optional=b"\0"))
    assert received() == [WORDS.decode(), "next"]


@pytest.mark.parametrize(("letters", "kept"), [(160, 160), (60_000, 160)])
def test_a_part_of_a_long_message_has_no_more_letters_than_a_telephone_sends(hostile, letters, kept):
    """255 parts of 60,000 letters would be one message of 15 million, sealed again with each part."""
    part = b"\5\0\3\7\xff\1" + b"a" * letters  # the first of 255
    payload = struct.pack(">HH", 0x0424, len(part)) + part
    hostile(deliver_sm(b"", esm_class=0x40, optional=payload))
    assert [len(text) for text in received()] == [kept]


@pytest.mark.parametrize("length", [0, 3, 15, 65_601, 2**31, 2**32 - 1])
def test_an_impossible_length_ends_the_connection_before_more_is_read(hostile, length):
    centre = hostile(pdu(DELIVER, length=length) + bytes(200_000))
    with pytest.raises(ProviderAway):
        received()
    centre.wait_for_end()


def test_a_pdu_that_comes_byte_by_byte_does_not_hold_the_job(hostile, monkeypatch):
    monkeypatch.setattr(smpp, "PATIENCE", 1)
    centre = hostile(drip)
    with pytest.raises(ProviderAway):
        received()
    centre.wait_for_end()


def test_a_message_that_cannot_be_stored_stays_with_the_carrier_and_the_next_is_stored(hostile):
    centre = hostile(deliver_sm(b"first", sequence=1) + deliver_sm(b"second", sequence=2))
    kept = []

    def keep(arrival: Arrival) -> Callable[[], None]:
        if arrival.text == "first":
            raise KeyError
        kept.append(arrival.text)
        return lambda: None

    with pytest.raises(KeyError):
        Sms().receive(keep)
    centre.wait_for_end()
    assert kept == ["second"]
    response = DELIVER | RESPONSE
    assert {(response, consts.SMPP_ESME_RX_T_APPN, 1), (response, consts.SMPP_ESME_ROK, 2)} <= set(centre.answers)
