"""However broken an e-mail is, the words in it are read by an operator: a person in danger chose no program."""

import random

import pytest
from django.utils import timezone

from amparo.line.channels.email import mime
from amparo.line.channels.email.parsing import arrival_of

from .servers import ADDRESS

HEAD = b"From: a@b.example\n"
BROKEN = {
    "base64 of a subject that ends too soon": (b"Subject: =?utf-8?B?QXl1Z?=\n\nayuda", "ayuda"),
    "letters beyond ASCII in a broken header": (b"no header \xc3\xb1\nSubject: x\n\nayuda", "ayuda"),
    "a character set in an extended parameter": (b"Content-Type: text/plain; charset*=x\n\nayuda", "ayuda"),
    "an unknown character set": (b"Subject: =?zz?Q?a?=\n\nayuda", "ayuda"),
    "a part without a blank line": (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nse\xc3\xb1ora\n--b--\n", "señora"
    ),
    "a boundary that stands nowhere": (
        b"Content-Type: multipart/mixed; boundary=other\n\n--b\n\nayuda\n--b--\n", "ayuda"
    ),
}  # fmt: skip
PIECES = (
    b"\n", b"\r\n", b":", b";", b"=", b"*", b"''", b"=?utf-8?B?", b"?=", b"charset*0*", b"boundary", b"--b",
    b"\xc3\xb1", b"\xff", b"(", b'"', b"<", b"\\", b"=?x?Q?=FF?=", b"base64", b"\0", b"\x85", b"name*", b"%FF",
)  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_its_words_are_read(broken):
    rest, words = BROKEN[broken]
    arrival = arrival_of(HEAD + rest, timezone.now(), ADDRESS)
    assert arrival.address == "a@b.example"
    assert words in arrival.text


def test_whatever_is_changed_in_it_reading_ends_well():
    chance, emails = random.Random(20261201), [HEAD + rest for rest, _words in BROKEN.values()]
    for _example in range(3000):
        raw = bytearray(chance.choice(emails))
        for _change in range(chance.randint(1, 8)):
            at = chance.randrange(len(raw) + 1)
            raw[at : at + chance.randint(0, 4)] = chance.choice(PIECES)
        assert set(mime.email_fields(bytes(raw))) >= {"address", "subject", "text"}


def test_the_control_what_the_library_raises_is_met(monkeypatch):
    """The parts cannot be told apart, whatever the reason: the e-mail is read as it came."""

    def breaks(*_: object) -> None:
        raise TypeError

    monkeypatch.setattr(mime, "_parts", breaks)
    fields = mime.email_fields(HEAD + b"Subject: x\nContent-Type: text/html\n\n<p>ayuda")
    assert (fields["address"], fields["subject"], fields["text"]) == ("a@b.example", "x", "<p>ayuda")
