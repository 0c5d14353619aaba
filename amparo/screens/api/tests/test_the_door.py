"""Authentication by token: no cookie, no other host, a rate limit, and JSON in every refusal."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.test import Client, RequestFactory

from amparo.foundation.core.refusal import RateLimited
from amparo.foundation.integrations.rules import end_token
from amparo.screens.api import authentication
from amparo.screens.api.urls import api

from .conftest import api_request

ROOT, REFERRALS = "/api/v1/reports", "/api/v1/referrals"


def test_requests_without_a_valid_token_are_refused(unit):
    for token in ("", "amparo_x", unit.token[:-1], unit.token + " ", "ñ" * 50, "\x00"):
        answer = api_request(ROOT, token=token)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.json().keys() == {"sentence"}


def test_a_revoked_token_fails_on_the_next_request(unit, now):
    assert unit.ask(ROOT).status_code == 200
    end_token(unit.program, by=unit.administrator, now=now)
    assert unit.ask(ROOT).status_code == 401


def test_no_cookie_is_read_or_set(unit):
    client = Client()
    client.force_login(unit.liaison)
    before = client.cookies.output()
    assert api_request(ROOT, client=client).status_code == 401
    assert not api_request(ROOT, token=unit.token, client=client).cookies
    assert client.cookies.output() == before
    assert "Cookie" not in unit.ask(ROOT).headers.get("Vary", "")


def test_a_token_opens_no_staff_page(unit):
    assert api_request("/reports", token=unit.token).status_code == 302


def test_the_api_exists_on_the_staff_host_only(unit, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host="help.example", staff_host="staff.example")
    headers = {"Authorization": f"Bearer {unit.token}"}
    answers = {
        host: Client().get(ROOT, headers=headers | {"Host": host}).status_code
        for host in ("staff.example", "help.example", "192.0.2.1")
    }
    assert answers == {"staff.example": 200, "help.example": 404, "192.0.2.1": 404}


def test_no_answer_may_be_cached(unit):
    for answer in (unit.ask(ROOT), unit.ask(f"{ROOT}/{unit.report.pk}"), api_request(ROOT)):
        assert "no-store" in answer.headers["Cache-Control"]


def test_the_rate_limit_applies_to_one_token_only(unit, other, monkeypatch):
    monkeypatch.setattr(authentication, "AT_MOST", 3)
    assert [unit.ask(ROOT).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = unit.ask(ROOT)
    assert answer.headers["Retry-After"] == "60"
    assert "too often" in answer.json()["sentence"]
    assert other.ask(ROOT).status_code == 200


def test_wrong_tokens_of_one_network_are_limited_and_shut_out_no_program_that_works(unit, other, monkeypatch):
    monkeypatch.setattr(authentication, "WRONG", 3)

    def ask(token: str, address: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return Client(REMOTE_ADDR=address).get(ROOT, headers=headers).status_code

    shared = "198.51.100.7"
    assert ask(unit.token, shared) == 200
    assert [ask(f"guess{number}", shared) for number in range(5)] == [401, 401, 401, 429, 429]
    assert ask(unit.token, shared) == 200
    assert ask(other.token, shared) == 429  # it never worked; in a minute it is asked again
    assert ask(other.token, "203.0.113.9") == 200  # the control: another network
    assert ask("guess", "203.0.113.9") == 401


def test_a_program_at_work_is_not_forgotten_an_hour_after_its_first_request(unit, monkeypatch):
    monkeypatch.setattr(authentication, "WRONG", 1)
    door, request = authentication.Token(), RequestFactory(REMOTE_ADDR="198.51.100.7").get(ROOT)

    def ask(token: str, minutes: int) -> bool:
        monkeypatch.setattr(authentication, "time", SimpleNamespace(monotonic=lambda: 60.0 * minutes))
        return door.authenticate(request, token) is not None

    assert ask(unit.token, 0)
    for minutes in (50, 100):  # at the last one the first request is more than an hour ago
        assert not ask("guess", minutes)
        assert ask(unit.token, minutes)
    assert not ask("guess", 170)
    with pytest.raises(RateLimited):  # the control: more than an hour after its last request
        ask(unit.token, 170)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"folio": ', b"[" * 10_000])
def test_invalid_json_is_refused_in_a_sentence(unit, body):
    headers = {"Authorization": f"Bearer {unit.token}", "Idempotency-Key": str(unit.report.pk)}
    answer = Client().post(f"{ROOT}/{unit.report.pk}/receive", body, "application/json", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json().keys() == {"sentence"}


@pytest.mark.parametrize("method", ["put", "delete", "patch", "post"])
def test_a_wrong_method_is_refused_in_json(unit, method):
    answer = getattr(Client(), method)(ROOT, headers={"Authorization": f"Bearer {unit.token}"})
    assert answer.status_code == 405
    assert answer.json().keys() == {"sentence"}
    assert answer.headers["Allow"] == "GET"


def test_an_internal_error_reveals_nothing(unit, monkeypatch):
    def break_it(*words: object, **more: object) -> None:
        raise RuntimeError("our inside")

    monkeypatch.setattr("amparo.screens.api.reports._list_item", break_it)
    client = Client(raise_request_exception=False)
    answer = api_request(ROOT, token=unit.token, client=client)
    assert (answer.status_code, answer.json().keys()) == (500, {"sentence"})
    assert "our inside" not in answer.content.decode()


def test_openapi_json_exists_and_a_documentation_page_does_not(db):
    response = Client().get("/api/v1/openapi.json")
    assert response.json()["openapi"].startswith("3.")
    of_referrals = {REFERRALS, f"{REFERRALS}/{{pk}}", f"{REFERRALS}/{{pk}}/answers"}
    assert set(response.json()["paths"]) == {ROOT, *(f"{ROOT}/{{pk}}{verb}" for verb in ("", *VERBS))} | of_referrals
    assert Client().get("/api/v1/docs").status_code == 404
    assert api.docs_url is None


VERBS = ("/receive", "/ask", "/decide", "/outcome")
