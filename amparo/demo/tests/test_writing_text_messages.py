"""An invented person writes text messages to the line, and reads its answers on an invented telephone."""

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

        console = telephone.context.new_page()
        console.goto(f"{line.address}/console")
        with telephone.context.expect_page() as opened:
            console.locator("form[action$='/take'] button").first.click()
        chat = opened.value
        expect(chat.get_by_role("log")).to_contain_text(first_words)
        chat.get_by_label("Su respuesta").fill(ANSWER)
        chat.locator("#answer button").click()
        expect(screen).to_contain_text(ANSWER)

        telephone.get_by_label("SMS").fill("Sí.")
        telephone.get_by_role("button", name="Enviar como esta persona").click()
        expect(chat.get_by_role("log")).to_contain_text("Sí.")
        expect(telephone.get_by_role("log")).to_contain_text(ANSWER)  # a page loaded anew shows it all


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
        text_messages.look("000123456")
