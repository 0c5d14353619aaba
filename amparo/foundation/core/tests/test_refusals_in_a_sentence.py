"""A refused person reads the reason, and no log repeats their input."""

import io
import logging

import pytest
from django.test import Client

from amparo.foundation.access.models import User

SCRIPT = {"Sec-Fetch-Mode": "cors"}
NAME = "zoraidahuamantica"


@pytest.fixture
def desk(db) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="ana"))
    return client


@pytest.fixture
def log():
    """The output of our console handler, with its own filter."""
    [console] = [handler for handler in logging.getLogger().handlers if handler.name == "console"]
    written = io.StringIO()
    before = console.setStream(written)
    yield written
    console.setStream(before)


def test_a_method_that_a_page_does_not_know(desk):
    answer = desk.get("/seat/ready")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "<h1>Esta página no admite esa operación" in answer.content.decode()
    assert desk.get("/seat/ready", headers=SCRIPT).content.decode().endswith(".")


def test_an_unknown_method_on_a_public_page_shows_the_exit_button(client):
    answer = client.put("/call")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert "Esta página no admite esa operación" in answer.content.decode()
    assert 'class="leave" href="/cover"' in answer.content.decode()


def test_a_refused_request_is_not_logged(desk, log):
    desk.get(f"/{NAME}")
    desk.get("/console", headers={"Host": f"{NAME}/"})
    Client(enforce_csrf_checks=True).post(f"/sign-in?{NAME}", {"username": NAME})
    desk.post("/seat/device", f"{NAME}=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded")
    assert log.getvalue() == ""


def test_control_a_server_error_is_logged(desk, log, monkeypatch):
    monkeypatch.setattr("amparo.screens.desk.views._console_context", lambda request, wanted="": 1 / 0)
    desk.raise_request_exception = False
    assert desk.get("/console").status_code == 500
    assert "ZeroDivisionError" in log.getvalue()
