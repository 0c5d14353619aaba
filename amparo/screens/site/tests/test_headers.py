"""Every public URL answers under the same rules, whatever is requested and whatever happens."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from amparo.foundation.access.models import User
from amparo.screens.site import anonymous
from amparo.static_urls import digest_of_files
from amparo.urls import PublicUrls, public_urls
from tests.table import urls

METHODS = ("get", "post", "head", "put", "delete", "options")
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


PUBLIC = [*urls(public_urls)]


def faults(answer: HttpResponse, *, sends: bool = False) -> list[str]:
    """`sends`: the page has a form, which goes to us only."""
    wrong = [f"{name} is {answer.get(name)}" for name, value in HEADERS.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    for rule in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        f"form-action '{'self' if sends else 'none'}'",
    ):
        if rule not in policy:
            wrong.append(f"the policy lacks {rule}")
    wrong += [f"the policy says {word}" for word in ("unsafe", "http", "*", "data:", "blob:") if word in policy]
    if "script-src" in policy and "require-trusted-types-for 'script'; trusted-types 'none'" not in policy:
        wrong.append("scripts may write HTML")
    return wrong + [f"a cookie {name}" for name in answer.cookies]


def test_the_urls_are_known():
    assert set(PUBLIC) >= {"/", "/again", "/reply", "/call", "/chat", "/call/offer", "/cover", "/favicon.ico"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("url", [*PUBLIC, "/nowhere", "/static/nowhere", "/%2e%2e/etc/passwd"])
def test_every_answer_obeys(client, url, method):
    for query in ("", "?language=en", "?language=qu", "?language=xx"):
        answer = getattr(client, method)(url + query)
        assert faults(answer, sends=url in ("/again", "/reply", "/chat")) == [], (url, method, answer.status_code)
        assert answer.status_code < 500 or url == "/call/offer"


@pytest.mark.parametrize("file", ["core/tokens.css", "core/icon.svg", "site/leave.js"])
def test_a_file_that_a_browser_has_is_not_sent_again(client, file):
    """The same holds for a browser that takes compressed answers: a 304 has no body and no Content-Encoding."""
    first = client.get(f"/static/{file}", headers={"Accept-Encoding": "gzip"})
    known = {"If-None-Match": first["ETag"], "Accept-Encoding": "gzip"}
    again = client.get(f"/static/{file}", headers=known)
    assert (first.status_code, again.status_code, again.getvalue()) == (200, 304, b"")
    assert "Content-Encoding" not in again


def test_the_control_a_page_of_staff_does_not_obey(db, client):
    found = faults(client.get("/sign-in"))
    assert any(fault.startswith("Cache-Control is") for fault in found)
    assert "scripts may write HTML" in found
    assert any(fault.startswith("a cookie") for fault in found)


@pytest.mark.parametrize("url", PUBLIC)
def test_only_the_calling_page_may_ask_for_anything(client, url):
    may = {part for part in client.get(url).headers["Permissions-Policy"].split(", ") if not part.endswith("=()")}
    assert may == ({"microphone=(self)", "autoplay=(self)"} if url == "/call" else set())


def test_the_cover_may_load_nothing_at_all(client):
    policy = client.get("/cover").headers["Content-Security-Policy"]
    assert {rule.split(" ", 1)[1] for rule in policy.split("; ")} == {"'none'"}


def test_leaving_clears_the_cache_and_never_a_cookie(client, settings_with_hosts):
    assert client.get("/cover", headers={"Host": "help.example"}).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_leaving_a_shared_host_spares_the_notes_of_a_colleague(client):
    assert client.get("/cover").headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("digest", ["", f"{digest_of_files()}/"])
def test_style_and_script_stay_in_no_cache(client, settings_with_hosts, digest):
    answer = client.get(f"/static/{digest}site/site.css", headers={"Host": "help.example"})
    assert answer.status_code == 200
    assert faults(answer) == []


def test_https_is_remembered_and_http_is_not(client):
    assert client.get("/", secure=True).headers["Strict-Transport-Security"] == "max-age=63072000"
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_pages_are_compressed(client):
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert (
        client.get("/static/site/site.css", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    )


def test_a_signed_in_colleague_is_anonymous_here(ana, monkeypatch):
    def who(request):
        return HttpResponse(f"{request.user} {request.COOKIES}")

    plant(monkeypatch, who)
    client = Client()
    client.force_login(ana)
    assert client.get("/planted").content.decode() == "AnonymousUser {}"


def plant(monkeypatch, view) -> None:
    """Add one public page."""

    class Planted(PublicUrls):
        urlpatterns = [path("planted", view)]

    monkeypatch.setattr("amparo.host_routing.PublicUrls", Planted)


def asks(request):
    return HttpResponse(User.objects.count())


def test_a_query_of_a_public_page_is_detected(db, client, monkeypatch):
    plant(monkeypatch, asks)
    with pytest.raises(anonymous.QueryRefused):
        client.get("/planted")
    assert asks(RequestFactory().get("/planted")).content == b"0"  # which elsewhere it may


def test_error_pages_obey_too_and_show_the_quick_exit(db, client, monkeypatch):
    plant(monkeypatch, asks)
    client.raise_request_exception = False
    answer = client.get("/planted")
    assert answer.status_code == 500
    assert faults(answer) == []
    assert 'class="leave" href="/cover"' in answer.content.decode()


def test_a_cookie_that_a_page_sets_does_not_leave_the_house(client, monkeypatch):
    def sets(request):
        answer = HttpResponse("planted")
        answer.set_cookie("planted", "1")
        return answer

    assert "a cookie planted" in faults(sets(None))
    plant(monkeypatch, sets)
    assert faults(client.get("/planted")) == []


def test_a_missing_page_shows_the_quick_exit_and_no_name(client):
    text = client.get("/nowhere").content.decode()
    assert 'class="leave" href="/cover"' in text
    assert "Amparo" not in text


@pytest.mark.django_db
def test_a_page_of_staff_is_framed_by_its_own_origin_alone(client):
    """During a call, looked-up pages open in a frame beside it."""
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
