"""A whole e-mail: from a mailbox of a real provider to the console of an operator, in Chromium, and back."""

import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.message import Message as Received

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from amparo.line.channels.email.tests.servers import ADDRESS, PASSWORD, Mailbox, Relay, running_mailbox

from .browser import chromium, sideways, violations
from .hotline import Hotline, hotline

HER, OTHER = "nobody@correo.example", "nobody.else@correo.example"
WORDS, ANSWER = "invented words of nobody", "invented answer"
A_MINUTE = 150_000  # ms: the worker looks each minute, and a busy machine takes its time


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    server = Relay()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def line(mailbox, relay) -> Iterator[Hotline]:
    servers = {
        "AMPARO_EMAIL_IMAP": f"imap://127.0.0.1:{mailbox.port}", "AMPARO_EMAIL_SMTP": f"smtp://127.0.0.1:{relay.port}",
    }  # fmt: skip
    with hotline(AMPARO_EMAIL=ADDRESS, AMPARO_EMAIL_PASSWORD=PASSWORD, **servers) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        expect.set_options(timeout=20_000)
        yield running


@pytest.fixture
def desk(line: Hotline, browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE").new_page()
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name="Ana F.").click()
    page.wait_for_url("**/console")
    yield page
    page.context.close()


def look_now() -> None:
    """In the process of a hotline: the worker looks at once, not only at the next full minute."""
    from amparo.line.channels.tasks import receive_soon

    receive_soon("email")


def sent(relay: Relay, number: int) -> Received:
    """The e-mail of this number that the line sent."""
    until = time.monotonic() + A_MINUTE / 1000
    while len(relay.handler.received) <= number and time.monotonic() < until:
        time.sleep(0.2)
    return relay.handler.received[number]


def test_it_waits_is_answered_and_becomes_a_contact(line, mailbox, relay, desk):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = HER, ADDRESS, "Ayuda", "<1@correo.example>"
    letter.set_content(WORDS)
    mailbox.deliver(letter.as_bytes(), timezone.now())
    row = desk.locator(".queue-row", has_text="escribe por correo")
    expect(row).to_be_visible(timeout=A_MINUTE)
    assert WORDS not in desk.content()
    assert HER not in desk.content()
    assert violations(desk) == []
    desk.keyboard.press("Alt+e")
    thread = desk
    expect(thread.locator("#chat-title")).to_contain_text("Correo electrónico")
    expect(thread.get_by_text(WORDS)).to_be_visible()
    expect(thread.get_by_text("Primera respuesta, automática")).to_be_visible()
    assert HER not in thread.content()
    for width in (320, 1280):
        thread.set_viewport_size({"width": width, "height": 800})
        assert (sideways(thread), violations(thread)) == (False, [])
    thread.locator("#text").fill(ANSWER)
    thread.keyboard.press("Alt+a")
    assert sent(relay, 1).get_payload(decode=True).decode().strip() == ANSWER
    expect(thread.locator(".talk-lines li").last).to_contain_text("enviado")
    thread.keyboard.press("Alt+z")
    thread.keyboard.press("Alt+z")
    expect(thread.locator("#wrap-up .endings input").first).to_be_focused()
    thread.keyboard.press("1")
    thread.keyboard.press("Alt+a")
    expect(thread.locator("[data-shows^='idle ready']")).to_be_attached()


def test_an_answer_waits_for_the_safe_hours_of_the_card_and_leaves_when_the_card_allows_it(line, mailbox, relay, desk):
    sent_before = len(relay.handler.received)
    letter, written = EmailMessage(), timezone.now() - timedelta(hours=1)
    letter["From"], letter["To"], letter["Message-ID"] = OTHER, ADDRESS, "<2@correo.example>"
    letter.set_content(WORDS)
    mailbox.deliver(letter.as_bytes(), written)
    line.do(look_now)
    expect(desk.locator(".queue-row", has_text="escribe por correo")).to_be_visible(timeout=A_MINUTE)
    first = sent(relay, sent_before).get_payload(decode=True).decode()  # before the card has hours
    desk.keyboard.press("Alt+e")
    thread = desk
    opens = timezone.localtime() + timedelta(hours=2)
    thread.get_by_label("Límites explicados").check()
    thread.get_by_label("Desde").fill(f"{opens:%H:%M}")
    thread.get_by_label("Hasta").fill(f"{opens + timedelta(hours=1):%H:%M}")
    expect(thread.get_by_text("su respuesta queda pendiente y se envía el")).to_be_visible()
    thread.locator("#text").fill(ANSWER)
    thread.keyboard.press("Alt+a")
    expect(thread.locator(".talk-lines li").last).to_contain_text("en espera de las horas seguras")
    for width in (320, 1280):
        thread.set_viewport_size({"width": width, "height": 800})
        assert (sideways(thread), violations(thread)) == (False, [])
    assert first.strip() != ANSWER
    thread.get_by_label("A cualquier hora").check()
    assert sent(relay, sent_before + 1).get_payload(decode=True).decode().strip() == ANSWER
    expect(thread.get_by_text("su respuesta queda pendiente y se envía el")).to_be_hidden()
