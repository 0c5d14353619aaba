"""Encrypted sound in descriptions: which offers we take, and what we answer."""

import base64

import pytest

from amparo.line.switchboard.sip import sdp
from amparo.line.switchboard.sip.sdp_keys import Setup

KEY = bytes(range(30))
INLINE = base64.b64encode(KEY).decode()
CRYPTO = f"a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}"
FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))
DTLS = [f"a=fingerprint:sha-256 {FINGERPRINT}", "a=setup:actpass", "a=rtcp-mux"]


def offer(*media):
    """Each of `media` is a protocol and the lines under it."""
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
    for protocol, *attributes in media:
        lines += [f"m=audio 4000 {protocol} 0 101", "a=rtpmap:101 telephone-event/8000", *attributes]
    return "\r\n".join([*lines, ""])


def test_a_key_in_the_offer_is_read_and_answered_with_ours_under_its_number():
    theirs = sdp.parse_sdp(offer(("RTP/SAVP", CRYPTO)))
    assert theirs.crypto.key == KEY
    ours = sdp.answer_offer(theirs, "192.0.2.9", 5000, key=b"k" * 30)
    text = sdp.write_sdp(ours)
    assert "m=audio 5000 RTP/SAVP 0 101" in text
    assert f"a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{base64.b64encode(b'k' * 30).decode()}" in text
    assert sdp.parse_sdp(text) == ours
    assert INLINE not in repr(theirs)


@pytest.mark.parametrize("lifetime", ["|2^31", "|2147483648"])
def test_a_lifetime_is_no_obstacle(lifetime):
    assert sdp.parse_sdp(offer(("RTP/SAVP", CRYPTO + lifetime))).crypto.key == KEY


@pytest.mark.parametrize(
    "line",
    [
        CRYPTO + "|2^31|1:4",  # a key identifier in every packet
        CRYPTO + " UNENCRYPTED_SRTP",
        CRYPTO.replace("_80", "_32"),
        CRYPTO[:-4],
        "a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:" + "!" * 40,
        "",
    ],
)
def test_an_encrypted_offer_without_a_key_that_we_can_use_is_refused(line):
    with pytest.raises(sdp.SdpError):
        sdp.parse_sdp(offer(("RTP/SAVP", line)))


def test_beside_plain_rtp_a_key_is_a_wish_that_we_grant_and_may_be_left_out():
    theirs = sdp.parse_sdp(offer(("RTP/AVP", CRYPTO)))
    assert sdp.answer_offer(theirs, "192.0.2.9", 5000, key=KEY).crypto.key == KEY
    assert sdp.answer_offer(theirs, "192.0.2.9", 5000).crypto is None
    with pytest.raises(ValueError, match="encrypted"):
        sdp.answer_offer(sdp.parse_sdp(offer(("RTP/SAVP", CRYPTO))), "192.0.2.9", 5000)


def test_of_two_lines_the_encrypted_one_is_taken():
    theirs = sdp.parse_sdp(offer(("RTP/AVP",), ("RTP/SAVP", CRYPTO)))
    assert (theirs.protocol, theirs.position) == ("RTP/SAVP", 1)
    assert [line.protocol for line in theirs.refused] == ["RTP/AVP"]


def test_the_telephone_begins_the_handshake_wherever_it_can():
    theirs = sdp.parse_sdp(offer(("UDP/TLS/RTP/SAVP", *DTLS)))
    assert theirs.dtls.fingerprint == bytes(range(32))
    ours = sdp.answer_offer(theirs, "192.0.2.9", 5000, fingerprint=bytes(32))
    assert (ours.protocol, ours.dtls.setup, ours.one_port) == ("UDP/TLS/RTP/SAVP", Setup.PASSIVE, True)
    assert sdp.parse_sdp(sdp.write_sdp(ours)) == ours
    waits = sdp.parse_sdp(offer(("UDP/TLS/RTP/SAVP", DTLS[0], "a=setup:passive")))
    assert sdp.answer_offer(waits, "192.0.2.9", 5000, fingerprint=bytes(32)).dtls.setup is Setup.ACTIVE


@pytest.mark.parametrize("lines", [DTLS[1:], ["a=fingerprint:sha-1 00:11", DTLS[1]], [DTLS[0], "a=setup:holdconn"]])
def test_dtls_without_a_certificate_or_a_beginning_is_refused(lines):
    with pytest.raises(sdp.SdpError):
        sdp.parse_sdp(offer(("UDP/TLS/RTP/SAVP", *lines)))
