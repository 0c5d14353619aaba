import re
from base64 import urlsafe_b64encode

import pytest
from django.test import Client
from django.utils import timezone

from ..models import ThrottleEntry, User
from .entering import PASSWORD, by_password, code_of, register


def says(answer) -> str:
    return re.search(r'role="alert">.*?<span>(.*?)</span>', answer.content.decode(), re.S)[1]


def test_a_password_alone_leads_to_registering_and_nowhere_else(rosa, browser):
    assert by_password(browser, "rosa").headers["Location"] == "/console"
    assert browser.get("/console").headers["Location"] == "/me"
    assert browser.get("/me").status_code == 200


def test_a_script_is_refused_with_a_sentence(rosa, browser):
    by_password(browser, "rosa")
    answer = browser.get("/console", headers={"Sec-Fetch-Mode": "cors"})
    assert (answer.status_code, answer.headers["X-Session-State"]) == (403, "partial")
    assert answer.content


def test_an_app_and_seen_codes_are_enough(rosa, browser):
    by_password(browser, "rosa")
    register(browser)
    assert browser.get("/console").status_code == 200


def test_an_app_without_seen_codes_is_not(rosa, browser):
    by_password(browser, "rosa")
    register(browser)
    again = Client()
    by_password(again, "rosa")
    assert again.get("/console").headers["Location"].startswith("/sign-in")


def test_the_next_time_a_code_of_the_app_is_asked(rosa, browser):
    by_password(browser, "rosa")
    secret, _ = register(browser)
    browser = Client()
    assert by_password(browser, "rosa").headers["Location"] == "/sign-in/second"
    assert browser.get("/sign-in/second").status_code == 200
    assert browser.post("/sign-in/second", {"code": code_of(secret, later=1)}).headers["Location"] == "/console"
    assert browser.get("/console").status_code == 200


def test_a_recovery_code_is_good_once(rosa, browser):
    by_password(browser, "rosa")
    _, codes = register(browser)
    for answer in (302, 400):
        browser = Client()
        by_password(browser, "rosa")
        assert browser.post("/sign-in/second", {"code": codes[0]}).status_code == answer
    assert len(codes) == 10


def test_a_code_of_the_app_is_good_once(rosa, browser):
    by_password(browser, "rosa")
    secret, _ = register(browser)
    code = code_of(secret, later=1)
    for answer in (302, 400):
        browser = Client()
        by_password(browser, "rosa")
        assert browser.post("/sign-in/second", {"code": code}).status_code == answer


def test_the_requested_page_is_kept_but_never_leads_to_another_site(rosa, browser):
    by_password(browser, "rosa")
    _, codes = register(browser)
    for wish, place in (("/contacts", "/contacts"), ("https://no.example/", "/console"), ("//no.example", "/console")):
        browser = Client()
        browser.post(f"/sign-in?next={wish}", {"username": "rosa", "password": PASSWORD})
        assert browser.post("/sign-in/second", {"code": codes.pop()}).headers["Location"] == place


def test_unknown_name_wrong_password_and_locked_account_get_the_same_answer(rosa, browser):
    User.objects.create_user("locked", password=PASSWORD, is_active=False)
    answers = [by_password(browser, *who) for who in (("nobody", "x"), ("rosa", "x"), ("locked", PASSWORD))]
    assert {answer.status_code for answer in answers} == {400}
    assert len({says(answer) for answer in answers}) == 1
    assert len({re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers}) == 1


def test_there_are_no_pages_for_sign_up_and_password_reset(db, browser):
    for path in ("/signup", "/sign-up", "/accounts/signup/", "/password/reset/", "/accounts/", "/sign-in/signup"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "one.example", "two.example"])
def test_five_wrong_tries_close_a_name_for_all_hosts(rosa, host):
    """allauth's own count starts again for each Host header, which the attacker writes."""
    for n in range(5):
        browser = Client(REMOTE_ADDR=f"192.0.2.{n}", headers={"Host": f"h{n}.example"})
        assert by_password(browser, "rosa", "wrong").status_code == 400
    answer = by_password(Client(REMOTE_ADDR="192.0.2.99", headers={"Host": host}), "rosa")
    assert answer.status_code == 429


def test_a_closed_name_closes_no_other(rosa, pilar):
    for n in range(6):
        by_password(Client(REMOTE_ADDR=f"192.0.2.{n}"), "rosa", "wrong")
    assert by_password(Client(REMOTE_ADDR="192.0.2.77"), "pilar").status_code == 302


def test_ten_wrong_tries_close_an_address(rosa):
    browser = Client(REMOTE_ADDR="192.0.2.7")
    answers = [by_password(browser, f"name{n}", "wrong").status_code for n in range(12)]
    assert answers == [400] * 10 + [429] * 2
    assert by_password(Client(REMOTE_ADDR="192.0.2.8"), "rosa").status_code == 302


def test_addresses_of_one_household_are_counted_as_one(rosa):
    """An IPv6 subscriber often has a /56: 256 networks of 2**64 addresses each."""
    answers = [
        by_password(Client(REMOTE_ADDR=f"2001:db8:0:{n:x}::1"), f"name{n}", "wrong").status_code for n in range(11)
    ]
    assert answers[-1] == 429


def found_in_tries(*words: str) -> list[str]:
    kept = "\n".join(f"{row.key} {row.value}" for row in ThrottleEntry.objects.all())
    return [word for word in words if word in kept]


def test_neither_names_nor_addresses_are_kept(rosa, browser):
    by_password(Client(REMOTE_ADDR="192.0.2.123"), "rosa", "wrong")
    assert ThrottleEntry.objects.count() >= 2
    assert found_in_tries("rosa", "192.0.2") == []
    ThrottleEntry.objects.create(key="rosa 192.0.2.123", value=1, expires_at=timezone.now())
    assert found_in_tries("rosa", "192.0.2") == ["rosa", "192.0.2"]


def test_a_guess_at_the_second_factor_is_counted(rosa, browser):
    by_password(browser, "rosa")
    secret, _ = register(browser)
    browser = Client()
    by_password(browser, "rosa")
    guesses = [browser.post("/sign-in/second", {"code": f"{n:06}"}).status_code for n in range(6)]
    assert set(guesses) == {400}
    assert browser.post("/sign-in/second", {"code": code_of(secret, later=1)}).status_code == 400


def test_a_made_up_passkey_is_refused_with_a_sentence(rosa, browser):
    whose = f'{{"response": {{"userHandle": "{urlsafe_b64encode(str(rosa.pk).encode()).decode()}"}}}}'
    for made_up in ("", "x", "[]", "{}", '{"response": []}', whose, '{"id": 1, "rawId": 2}', "null"):
        browser.get("/sign-in/passkey")
        answer = browser.post("/sign-in/passkey", {"credential": made_up})
        assert (made_up, answer.status_code) == (made_up, 400)
        assert says(answer)


def test_the_language_chosen_at_the_sign_in_page_stays_inside(rosa, browser):
    by_password(browser, "rosa")
    secret, _ = register(browser)
    assert browser.get("/console").headers["Content-Language"] == "es"
    browser = Client()
    page = browser.get("/sign-in?language=en").content.decode()
    address = re.search(r'class="own" method="post" action="([^"]*)"', page)[1]
    browser.post(address, {"username": "rosa", "password": PASSWORD})
    browser.post("/sign-in/second", {"code": code_of(secret, later=1)})
    assert browser.get("/console").headers["Content-Language"] == "en"


def test_who_only_looks_at_the_sign_in_page_gets_no_session(db, browser):
    browser.get("/sign-in?language=en")
    assert "sessionid" not in browser.cookies
