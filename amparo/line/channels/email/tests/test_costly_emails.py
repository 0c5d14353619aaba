"""Nobody can stop the line by an e-mail that takes long to read: headers are cut, reading has a limit, all is shown."""

import resource
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from django.utils import timezone

from amparo.foundation.core.limited_process import ParsingStopped
from amparo.line.channels.email import parsing
from amparo.line.channels.email.channel import Email
from amparo.line.channels.email.parsing import AutomaticEmail, arrival_of
from amparo.line.channels.models import ChannelState
from amparo.line.chat.models import ChatMessage

from . import plain_parser, readers
from .conftest import WORDS
from .servers import ADDRESS
from .shapes import COSTLY, email

COSTLY_FROM = 10  # times an ordinary e-mail, so that a slow machine changes nothing


def processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def cost_of_reading(raw: bytes) -> float:
    """Seconds of processor time that we take, a new process included: the less of two, for the first may compile."""
    costs = []
    for _ in range(2):
        before = processor_seconds()
        with suppress(AutomaticEmail):  # it may have no sender left
            arrival_of(raw[:2_000_000], timezone.now(), ADDRESS)
        costs.append(processor_seconds() - before)
    return min(costs)


def cost_of_plain_reading(raw: bytes) -> float:
    """Seconds of processor time of the plain parser, until its limit ends it."""
    before = processor_seconds()
    program = [sys.executable, "-I", "-S", plain_parser.__file__]
    subprocess.run(program, input=raw, stderr=subprocess.DEVNULL, check=False)
    return processor_seconds() - before


@pytest.fixture(scope="module")
def ordinary() -> bytes:
    return email(body="words " * 200)


@pytest.fixture(scope="module")
def ordinary_cost(ordinary) -> float:
    return cost_of_reading(ordinary)


@pytest.fixture(scope="module")
def ordinary_plain_cost(ordinary) -> float:
    return cost_of_plain_reading(ordinary)


@pytest.mark.parametrize("shape", COSTLY)
def test_no_shape_of_an_email_costs_much(shape, ordinary_cost):
    assert cost_of_reading(COSTLY[shape]) < COSTLY_FROM * ordinary_cost


@pytest.mark.parametrize("shape", COSTLY)
def test_control_each_shape_costs_the_plain_parser_much(shape, ordinary_plain_cost):
    assert cost_of_plain_reading(COSTLY[shape]) > COSTLY_FROM * ordinary_plain_cost


def test_an_ordinary_email_costs_less_than_half_of_what_it_may(ordinary_cost):
    assert ordinary_cost < parsing.SECONDS / 2


@pytest.mark.parametrize("header", ["To", "Reply-To", "References", "X-Anything"])
def test_the_words_below_a_costly_header_are_read(header):
    arrival = arrival_of(email(f"{header}: " + '"' * 100_000, body=WORDS), timezone.now(), ADDRESS)
    assert (arrival.address, arrival.text) == ("a@b.example", f"x\n\n{WORDS}")


@pytest.fixture
def endless_for_one(monkeypatch) -> None:
    monkeypatch.setattr(parsing, "email_fields", readers.endless_for_one)


def theirs() -> int:
    return ChatMessage.objects.filter(from_bearer=True).count()


def test_what_takes_too_long_waits_aside_and_the_next_one_arrives(endless_for_one, write, minute, mailbox):
    write("for ever"), write()
    minute()
    assert (mailbox.count(), mailbox.count("Unreadable"), theirs()) == (0, 1, 1)
    assert ChannelState.objects.get(pk="email").aside == 1


def test_control_without_such_an_email_nothing_waits_aside(endless_for_one, write, minute, mailbox):
    write(), write()
    minute()
    assert (mailbox.count("Unreadable"), theirs()) == (0, 2)
    assert ChannelState.objects.get(pk="email").aside == 0


def test_once_somebody_has_emptied_the_folder_nothing_waits_aside_any_more(endless_for_one, write, minute, mailbox):
    write("for ever")
    minute()
    with mailbox.opened() as box:
        box.select("Unreadable")
        box.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
        box.expunge()
    minute()
    assert ChannelState.objects.get(pk="email").aside == 0


def test_an_email_that_ended_the_worker_is_put_aside_by_the_next_run(write, minute, mailbox, monkeypatch):
    write("it ends the worker"), write(sender="other@correo.example")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(parsing, "parse_in_limited_process", die)
        with pytest.raises(KeyboardInterrupt):
            minute()
    assert mailbox.count() == 2
    minute()
    assert (mailbox.count(), mailbox.count("Unreadable"), theirs()) == (0, 1, 1)


def test_reading_that_is_stopped_from_outside_blames_no_email(write, minute, mailbox, monkeypatch):
    write()
    with monkeypatch.context() as patch:
        patch.setattr(parsing, "email_fields", readers.stopped_from_outside)
        with pytest.raises(ParsingStopped):
            minute()
    minute()
    assert (mailbox.count(), mailbox.count("Unreadable"), theirs()) == (0, 0, 1)


def test_an_email_that_cannot_be_kept_waits_aside_and_the_next_one_arrives(db, write, mailbox):
    write("it cannot be kept"), write()
    kept = []

    def keep(arrival):
        if "cannot" in arrival.text:
            raise RecursionError
        kept.append(arrival)
        return lambda: None

    with pytest.raises(RecursionError):
        Email().receive(keep)
    assert (mailbox.count(), mailbox.count("Unreadable"), len(kept)) == (0, 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            email("Content-Type: text/html", body="<style>a</style><p>uno<br>dos &amp; tres<!-- no -->"),
            "uno\ndos & tres",
        ),
        (email("Content-Transfer-Encoding: base64", body="w6EgYmll\nbg"), "á bien"),
        (email("Content-Type: text/plain; charset=iso-8859-1", body="á"), "Ã¡"),  # as it says
        (
            email(
                'Content-Type: multipart/mixed; boundary="b"',
                body="before\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n"
                "--bb\nContent-Type: text/html\n\n<p>page\n--bb\nContent-Type: text/plain\n\nwords\n--bb--\n"
                "--b\nContent-Disposition: attachment\n\nx\n--b--",
            ),
            "words\n\n[1 attachment was not kept.]",
        ),
    ],
)
def test_words_are_read_whatever_their_form(text, expected):
    arrival = arrival_of(text, timezone.now(), ADDRESS)
    assert arrival.text == f"x\n\n{expected}"
