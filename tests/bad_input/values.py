"""What somebody might put where a page expects something else; and sometimes what it expects, to come further in."""

import base64
import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from amparo.line.contacts.fields import FIELDS

PLANTED = "zoraidahuamantica"  # an invented person's name; no log may hold it

NASTY = [
    "", " ", "\0", f"{PLANTED}\0", "\ud800", "a\udfff:b", "'", "';--", '"><script>alert(1)</script>', "%00", "%", "\\",
    "../../etc/passwd", "-1", "0", "9" * 19, "9" * 40, "1e999", "NaN", "٣", "²", "½", "true", "null", "[]", "{}",
    "[" * 3000, "\r\nSet-Cookie: a=b", "\n", "0001-01-01", "9999-12-31", "2026-02-30", "24:00", "23:59:60", "C-1",
    "C-999999999", PLANTED, f"{PLANTED} 987001122", f"{PLANTED}@example.com", "a" * 401, "\u202e\u0000", "\U0010ffff",
    "e\u0301" * 300, "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x",
    "/console", "console", "contact", "http://[", "http://[::1", "{{ request }}", "%s%n", "ﷺ" * 90,
]  # fmt: skip
LONG = ["9" * 5000, "a" * 100_001, "é" * 60_000, "[" * 200_000, "x" * 2_600_000]
PLAUSIBLE = ["1", "0", "yes", "es", "987 654 321", "Madre de Dios", "2026-11-25", "18:30", "C-1", "/console", PLANTED]

texts = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(NASTY),
    st.text(st.characters(), max_size=30),
    st.integers().map(str),
    st.sampled_from(PLAUSIBLE),
)
json_of_any_shape = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

_base64 = st.binary(max_size=90).map(lambda it: base64.urlsafe_b64encode(it).rstrip(b"=").decode())
_client_data = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["webauthn.get", "webauthn.create", ""]),
        "challenge": _base64,
        "origin": st.sampled_from(["http://localhost", "https://elsewhere.example", "http://["]),
    }
).map(lambda it: base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=").decode())
passkeys = st.fixed_dictionaries(
    {"id": _base64 | texts, "type": st.just("public-key") | texts},
    optional={
        "rawId": _base64 | json_of_any_shape,
        "clientExtensionResults": st.just({}) | json_of_any_shape,
        "authenticatorAttachment": texts,
        "response": json_of_any_shape
        | st.fixed_dictionaries(
            {"clientDataJSON": _client_data | _base64},
            optional={
                "authenticatorData": _base64,
                "signature": _base64,
                "userHandle": _base64 | st.sampled_from(["MQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk"]),
                "attestationObject": _base64,
            },
        ),
    },
)

OFFER = [
    "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0",
    "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv", "a=fingerprint:sha-256 00:11", "a=setup:actpass",
    "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "a=sendrecv",
]  # fmt: skip
offers = st.lists(st.sampled_from(OFFER) | texts, min_size=1, max_size=20).map("\r\n".join)


SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "credential": passkeys.map(json.dumps),
    "offer": offers,
    "key": st.uuids().map(str),
    "revision": st.integers(1, 99),
    "based_on": st.integers(0, 99),
    "changes": st.dictionaries(st.sampled_from([*FIELDS]) | texts, texts, max_size=3),
    "username": st.sampled_from(["hotline-operator", "police-auditor", PLANTED]),
    "login": st.sampled_from(["hotline-operator", PLANTED]),
    "colleague": st.integers(0, 90).map(str),
}


@cache
def wanted(name: str, allowed: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """What a page would take under this name, or nearly."""
    return SPECIAL.get(name, st.sampled_from(allowed or PLAUSIBLE))
