"""How this room's tests sign in: through the pages themselves."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

PASSWORD = "cuatro palabras que nadie junta"
STEP = 30  # seconds


def by_password(browser: Client, username: str, password: str = PASSWORD) -> HttpResponse:
    return browser.post("/sign-in", {"username": username, "password": password})


def code_of(secret: str, later: int = 0) -> str:
    """The app's code, `later` steps from now: the same code is never accepted twice."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP + later))


def register_app(browser: Client) -> str:
    """The secret that the page shows."""
    page = browser.get("/me/app").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)[1]
    answer = browser.post("/me/app", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/me/codes"
    return secret


def register(browser: Client) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes of a person who is signed in with a password."""
    secret = register_app(browser)
    page = browser.get("/me/codes").content.decode()
    return secret, re.findall(r"<li>(\d{8})</li>", page)
