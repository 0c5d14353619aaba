"""Descriptions are read strictly, refused clearly, and always written anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.line.switchboard.sip.offer_answer import OfferAnswer
from amparo.line.switchboard.sip.sdp import (
    MEDIA,
    PCMA,
    PCMU,
    PROTOCOLS,
    Direction,
    RefusedMedia,
    Sdp,
    SdpError,
    answer_offer,
    parse_sdp,
    write_sdp,
)

from .texts import sdp

LINES = st.sampled_from(
    [*sdp().splitlines(), "m=video 0 RTP/AVP 31", "a=inactive", "c=IN IP6 ::1", "", "x", "\0", "m="]
)
LISTS = {"payloads": st.sampled_from([(PCMU,), (PCMA,), (PCMU, PCMA), (PCMA, PCMU)])}
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(
    lambda ip: not ip.is_multicast and not ip.is_unspecified and str(ip) != "255.255.255.255" and "%" not in str(ip)
)


@st.composite
def descriptions(draw) -> Sdp:
    refused = draw(
        st.lists(
            st.builds(RefusedMedia, st.sampled_from(sorted(MEDIA)), st.sampled_from(sorted(PROTOCOLS))), max_size=3
        )
    )
    return Sdp(
        address=str(draw(ADDRESSES)),
        port=draw(st.integers(1, 65535)),
        payloads=draw(LISTS["payloads"]),
        dtmf=draw(st.none() | st.integers(96, 127)),
        direction=draw(st.sampled_from(Direction)),
        refused=tuple(refused),
        position=draw(st.integers(0, len(refused))),
    )


@given(descriptions())
def test_what_is_built_is_read_back(description):
    assert parse_sdp(write_sdp(description, session=7, version=3)) == description


@given(st.text() | st.lists(LINES, max_size=30).map("\r\n".join) | st.binary().map(lambda raw: raw.decode("latin1")))
def test_no_text_raises_anything_but_sdp_error(text):
    try:
        description = parse_sdp(text)
    except SdpError:
        return
    assert parse_sdp(write_sdp(description)) == description


@given(st.data())
def test_a_damaged_description_is_read_or_refused(data):
    text = sdp()
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 8)) :]
    try:
        description = parse_sdp(damaged)
    except SdpError:
        return
    assert 0 < description.port < 65536
    assert set(description.payloads) <= {PCMU, PCMA}


@given(descriptions(), descriptions())
def test_an_answer_fits_its_offer(offer, ours):
    """RFC 3264 6: as many media lines, a codec of the offer's, and no one hears who asked not to."""
    reply = answer_offer(offer, ours.address, ours.port)
    assert set(reply.payloads) <= set(offer.payloads)
    assert (reply.dtmf, reply.refused, reply.position) == (offer.dtmf, offer.refused, offer.position)
    assert reply.direction.sends == offer.direction.receives
    assert reply.direction.receives == offer.direction.sends


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("RTP/AVP", "RTP/SAVP", "RTP audio"),
        ("RTP/AVP", "UDP/TLS/RTP/SAVPF", "RTP audio"),
        ("0 8 101", "18 101", "G.711"),
        ("0 8 101", " ".join(map(str, range(13))), "too many"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 sip.example.org", "literal"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 999.1.1.1", "literal"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 224.2.1.1/127", "literal"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 239.1.1.1", "unicast"),
        ("c=IN IP4 127.0.0.1", "c=IN IP6 127.0.0.1", "unicast"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 255.255.255.255", "unicast"),
        ("c=IN IP4 127.0.0.1", "b=AS:64", "no address"),
        ("audio 40000", "audio 0", "RTP audio"),
        ("audio 40000", "audio 70000", "out of range"),
        ("audio 40000", "audio -5", "out of range"),
        ("audio 40000", "audio 40000/2", "kind of media"),
        ("audio 40000", "áudio 40000", "kind of media"),
        ("v=0", "v=1", "not a session"),
        ("s=-", "s=" + "-" * 5000, "too long"),
    ],
)
def test_an_unusable_description_is_refused_with_a_reason(old, new, why):
    with pytest.raises(SdpError, match=why):
        parse_sdp(sdp().replace(old, new))


def test_the_old_way_to_hold_is_understood():
    answer = parse_sdp(sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0"))
    assert answer.is_on_hold
    assert answer.direction is Direction.SENDONLY


def test_the_keypads_number_is_the_offers():
    text = sdp(formats="8 96").replace("rtpmap:101", "rtpmap:96")
    assert parse_sdp(text).dtmf == 96
    assert answer_offer(parse_sdp(text), "127.0.0.1", 5000) == Sdp("127.0.0.1", 5000, payloads=(PCMA,), dtmf=96)
    assert parse_sdp(sdp(formats="0")).dtmf is None  # mapped, but not offered


def test_optional_encryption_falls_back_to_plain_audio():
    both = sdp().replace("m=audio", "m=audio 40000 RTP/SAVP 0\r\nm=audio", 1)
    read = parse_sdp(both)
    assert (read.position, read.refused) == (1, (RefusedMedia("audio", "RTP/SAVP"),))


def test_our_later_offers_keep_the_media_lines():
    """RFC 3264 8: their number may never shrink."""
    media = OfferAnswer(parse_sdp(sdp() + "m=video 40002 RTP/AVP 96\r\n"))
    assert "m=video 0 RTP/AVP 0" in media.write_local(Sdp("127.0.0.1", 41_000))
