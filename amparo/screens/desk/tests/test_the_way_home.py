"""Users who take no calls, and anybody on a missing page, are led back to their own work."""

import re
import uuid

import pytest
from django.test import Client

from amparo.foundation.access.first_pages import first_page
from amparo.foundation.access.models import Agency, Kind, Role, User


def everybody() -> list[User]:
    """One user for each role in each kind of institution."""
    people = []
    for kind in Kind:
        of = {"pk": 1} if kind == Kind.HOTLINE else {"name": kind, "kind": kind}
        agency = Agency.objects.get_or_create(**of)[0]
        people += [User.objects.create(username=f"{kind}-{role}", role=role, agency=agency) for role in Role]
    return people


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def link_of(text: str) -> str:
    [link] = re.findall(r'<p><a href="([^"]+)"', text)
    return link


@pytest.mark.django_db
def test_the_console_leads_everybody_to_a_page_with_a_menu_and_a_way_out():
    for user in everybody():
        page = browser_of(user).get("/console", follow=True)
        assert page.status_code == 200, user.username
        text = page.content.decode()
        assert 'class="main-nav"' in text, user.username
        assert 'action="/sign-out"' in text, user.username


@pytest.mark.django_db
def test_a_page_that_is_not_there_leads_home():
    for user in everybody():
        browser = browser_of(user)
        lost = browser.get(f"/cases/{uuid.uuid4()}")
        assert lost.status_code == 404
        home = browser.get(link_of(lost.content.decode()), follow=True)
        assert (home.status_code, home.request["PATH_INFO"]) == (200, "/home"), user.username


def test_control_the_console_stays_the_operators(ana):
    page = browser_of(ana).get("/console")
    assert (page.status_code, first_page(ana)) == (200, "/console")


@pytest.mark.django_db
def test_nobody_is_led_past_the_sign_in():
    assert Client().get("/console").headers["Location"].startswith("/sign-in")


def test_a_script_is_not_led_anywhere(stranger):
    script = Client(headers={"Sec-Fetch-Mode": "cors"})
    script.force_login(stranger)
    assert script.get("/console").status_code == 404
