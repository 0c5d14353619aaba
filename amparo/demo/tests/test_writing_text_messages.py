"""An invented person writes text messages to the line, and reads its answers on an invented telephone."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from django.test import Client
from playwright.sync_api import expect

from amparo.demo import text_messages
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Unreachable
from amparo.starting import calls_out_are_invented
from tests.browser import PATIENCE, chromium, signed_in

ANSWER = "Sí, aquí ayudamos. ¿Puede escribir ahora sin que nadie lo vea? Responda sí o no. No escriba su dirección."
PAGE = "/demo/telephones/tucan"


def test_a_text_message_is_answered_from_the_console_and_read_on_the_telephone(line):
    with chromium() as browser:
        telephone = signed_in(browser, line, "Ana F.", PAGE)
        expect.set_options(timeout=PATIENCE * 1000)
        first_words = telephone.get_by_label("SMS").input_value()
        assert "Me quitaron mi DNI" in first_words
        telephone.get_by_role("button", name="Enviar como esta persona").click()
        screen = telephone.get_by_role("log")
        expect(screen).to_contain_text(first_words)
        expect(screen).to_contain_text("BAJA")  # the first answer leaves by itself, in parts
        screen.locator("li").first.evaluate("(it) => it.dataset.read = 'yes'")

        console = telephone.context.new_page()
        console.goto(f"{line.address}/console")
        console.locator("button[formaction$='/take']").first.click()
        chat = console
        expect(chat.get_by_role("log")).to_contain_text(first_words)
        chat.get_by_label("Su respuesta").fill(ANSWER)
        chat.locator("#answer button").click()
        expect(screen.get_by_text(ANSWER)).to_have_count(1)
        expect(screen.locator("li").first).to_have_attribute("data-read", "yes")  # a screen reader reads no line twice

        telephone.get_by_label("SMS").fill("Sí.")
        telephone.get_by_role("button", name="Enviar como esta persona").click()
        expect(chat.get_by_role("log")).to_contain_text("Sí.")
        expect(telephone.get_by_role("log")).to_contain_text(ANSWER)  # a page loaded anew shows it all


def test_a_telephone_keeps_its_last_fifty_messages():
    async def write() -> list[str]:
        centre = text_messages.MessageCentre()
        async with await asyncio.start_server(centre.answer_telephone, text_messages.HOST, 0) as telephones:
            for number in range(60):
                reader, writer = await asyncio.open_connection(*telephones.sockets[0].getsockname())
                writer.write(json.dumps({"number": "000123456", "words": f"invented {number}"}).encode() + b"\n")
                screen = json.loads(await reader.readline())
                writer.close()
        return [each["words"] for each in screen]

    assert asyncio.run(write()) == [f"invented {number}" for number in range(10, 60)]


def test_calls_go_on_when_another_program_took_a_port_of_the_text_messages(monkeypatch, caplog):
    """The control: with its ports, it carries messages, and says nothing."""

    async def goes_on_until(is_so: Callable[[], bool]) -> bool:
        serving = asyncio.create_task(text_messages.serve_text_messages())
        async with asyncio.timeout(PATIENCE):
            while not (serving.done() or await asyncio.to_thread(is_so)):
                await asyncio.sleep(0.01)
        goes_on = not serving.done()
        serving.cancel()
        await asyncio.wait([serving])
        return goes_on

    def answers() -> bool:
        with suppress(Unreachable):
            return text_messages.exchange_messages("000123456") == []
        return False

    for name, value in text_messages.settings_of_line().items():
        monkeypatch.setenv(name, value)
    assert asyncio.run(goes_on_until(answers))
    assert caplog.text == ""
    with socket.create_server((text_messages.HOST, 0)) as taken:
        monkeypatch.setenv(text_messages.TELEPHONES, f"{text_messages.HOST}:{taken.getsockname()[1]}")
        assert asyncio.run(goes_on_until(lambda: bool(caplog.text)))
    assert "carries no text messages until its next start" in caplog.text


def test_the_start_of_a_real_hotline_loads_no_message_centre():
    code = "import sys, amparo.starting; sys.exit('amparo.demo.text_messages' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("demo", [True, False])
def test_a_real_hotline_has_no_such_telephones(settings, db, demo):
    """Control: the demonstration without a network says why there are none."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=demo, trunk=None)
    client = Client()
    client.force_login(User.objects.create(username="ana"))
    assert client.get(PAGE).status_code == (503 if demo else 404)
    assert calls_out_are_invented(settings.ENVIRONMENT) == demo


def test_a_line_with_a_carrier_of_its_own_keeps_it(monkeypatch):
    assert text_messages.settings_of_line()["AMPARO_SMS_NUMBER"].startswith("000")
    monkeypatch.setenv("AMPARO_SMS_NUMBER", "1818")
    assert text_messages.settings_of_line() == {}
    with pytest.raises(Unreachable):
        text_messages.exchange_messages("000123456")
