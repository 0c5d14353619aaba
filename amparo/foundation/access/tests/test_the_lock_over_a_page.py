"""The dialog is rendered once for everybody: its placeholders are filled for this person and this page."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from ..models import User
from .entering import PASSWORD, by_password, register

pytestmark = pytest.mark.django_db


def dialog(browser: Client, path: str = "/me", language: str = "es") -> str:
    page = browser.get(path, HTTP_ACCEPT_LANGUAGE=language).content.decode()
    return re.search(r'<dialog class="lock".*?</dialog>', page, re.DOTALL)[0]


def come_in(user: User) -> Client:
    browser = Client()
    by_password(browser, user.username)
    register(browser)
    return browser


def test_the_dialog_shows_the_users_own_name_escaped(rosa, pilar):
    User.objects.filter(pk=rosa.pk).update(first_name='<i>Rosa</i> "R"')
    rosa.refresh_from_db()
    hers, his = dialog(come_in(rosa)), dialog(come_in(pilar))
    assert escape(str(rosa)) in hers
    assert "<i>Rosa" not in hers
    assert 'value="rosa"' in hers
    assert str(pilar) in his
    assert "rosa" not in his.lower()
    assert "\0" not in hers + his


def test_its_forms_can_be_sent_and_lead_back_to_this_page(rosa):
    browser = come_in(rosa)
    tokens = [re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', dialog(browser)) for _ in range(2)]
    assert all(len(set(each)) == 1 for each in tokens)
    assert tokens[0] != tokens[1]  # masked anew for each page
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    strict.post("/lock", {"csrfmiddlewaretoken": tokens[1][0]})
    assert strict.post("/prove", {"password": PASSWORD, "csrfmiddlewaretoken": "0" * 64}).status_code == 403
    assert strict.post("/prove", {"password": PASSWORD, "csrfmiddlewaretoken": tokens[1][0]}).status_code == 302
    assert 'href="/sign-in?next=%2Fme"' in dialog(browser)


def test_the_dialog_uses_the_pages_language_and_asks_for_the_users_authenticators(rosa):
    browser = come_in(rosa)
    spanish, english = dialog(browser), dialog(browser, "/me?language=en")
    assert "This desk is locked" in english
    assert "This desk is locked" not in spanish
    assert 'name="password"' in english
    rosa.set_unusable_password()
    rosa.save()
    browser.force_login(rosa)
    session = browser.session
    session["is_full"] = True
    session.save()
    assert 'name="password"' not in dialog(browser)


def test_only_users_who_can_unlock_get_the_dialog(rosa):
    half = Client()
    by_password(half, rosa.username)
    page = half.get("/me")
    assert (page.status_code, "<dialog" in page.content.decode()) == (200, False)


def test_an_invented_person_unlocks_with_one_button(rosa):
    real = come_in(rosa)
    assert 'name="code"' in dialog(real)
    assert "demo-rosa" not in dialog(real)
    session = real.session
    session["invented"] = True
    session.save()
    assert 'value="demo-rosa"' in dialog(real)
    assert 'name="code"' not in dialog(real)
