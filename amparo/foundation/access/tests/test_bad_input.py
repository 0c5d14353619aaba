"""Input to the sign-in pages that no page of ours sends."""

import base64
import json

import pytest
from django.test import Client

from ..first_pages import path_or_first_page
from . import passkeys
from .entering import by_password, register

NESTED = "[" * 100_000
CUT_OFF = base64.urlsafe_b64encode(b"\x19").decode()  # a CBOR number without its digits


def passkey(**response: str) -> str:
    client_data = base64.urlsafe_b64encode(
        b'{"type": "webauthn.create", "challenge": "", "origin": "http://testserver"}'
    )
    answer = {"clientDataJSON": client_data.decode().rstrip("="), **response}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": answer})


@pytest.mark.parametrize("wish", ["console", "staff", "nowhere", "", ".", "//elsewhere.example", "/" + "🔒" * 2000])
def test_sign_in_redirects_only_to_our_own_pages_or_to_the_console(rosa, browser, wish):
    assert path_or_first_page(wish, rosa) == "/console"
    answer = browser.post(f"/sign-in?next={wish}", {"username": "rosa", "password": "cuatro palabras que nadie junta"})
    assert answer.headers["Location"] == "/console"


def test_control_sign_in_redirects_to_the_requested_page(rosa):
    assert path_or_first_page("/contacts?page=2", rosa) == "/contacts?page=2"


@pytest.mark.parametrize("credential", [NESTED, passkey(authenticatorData=CUT_OFF, signature="AA", userHandle="MQ")])
def test_an_invented_passkey_does_not_sign_in(rosa, browser, credential):
    browser.get("/sign-in/passkey")
    answer = browser.post("/sign-in/passkey", {"credential": credential})
    assert answer.status_code == 400
    assert "No se conoce" in answer.content.decode() or "llave" in answer.content.decode()


@pytest.mark.parametrize("credential", [NESTED, passkey(attestationObject=CUT_OFF)])
def test_a_made_up_passkey_is_not_registered(rosa, browser, credential):
    by_password(browser, "rosa")
    register(browser)
    browser.get("/me/passkeys/options")
    assert browser.post("/me/passkeys/add", {"credential": credential}).status_code == 400


@pytest.mark.parametrize(("sign", "status"), [("\0", 400), ("\ud800", 400), ("x", 302)])  # the last is the control
def test_a_passkey_that_says_what_the_database_cannot_hold_is_not_registered(rosa, sign, status):
    browser = Client(SERVER_NAME=passkeys.HOST)
    by_password(browser, "rosa")
    register(browser)
    credential = passkeys.made(browser.get("/me/passkeys/options").json()) | {"note": sign}
    assert browser.post("/me/passkeys/add", {"credential": json.dumps(credential)}).status_code == status


def test_a_second_factor_without_a_started_sign_in_is_refused(db):
    answer = Client(headers={"Sec-Fetch-Mode": "cors"}).get("/sign-in/second/passkey")
    assert answer.status_code == 403
    assert answer.content.decode().endswith(".")
