"""The user is read with their session, in one query; nobody is taken for another person."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ..models import Session, User
from ..models.sessions import SessionStore
from .conftest import person


@pytest.fixture
def bruno(db: None) -> User:
    return person("bruno")


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def loaded(browser: Client) -> SessionStore:
    store = SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    store.load()
    return store


def test_a_page_asks_for_session_and_person_at_once(rosa):
    browser = browser_of(rosa)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/contacts").status_code == 200
    about_people = [each["sql"] for each in queries if 'FROM "access_' in each["sql"]]
    assert len(about_people) == 1


def test_each_request_gets_its_own_user(rosa, bruno):
    browsers = {user.pk: browser_of(user) for user in (rosa, bruno)}
    for _ in range(5):  # long after the statement is prepared
        for pk, browser in browsers.items():
            assert loaded(browser).person.pk == pk
            assert browser.get("/contacts").wsgi_request.user.pk == pk


def test_a_session_of_nobody_is_found_and_one_that_is_over_is_not(rosa):
    begun, over = Client().session, browser_of(rosa)
    begun["mark"] = "invented"
    begun.save()
    nobodys = SessionStore(begun.session_key)
    assert (nobodys.load(), nobodys.person) == ({"mark": "invented"}, None)
    assert loaded(over).session_key is not None  # the control
    Session.objects.update(expire_date=timezone.now())
    ended = loaded(over)
    assert (ended.session_key, ended.person) == (None, None)


def test_a_changed_password_ends_the_session(rosa):
    browser = browser_of(rosa)
    assert browser.get("/contacts").status_code == 200
    rosa.set_password("another sentence of four")
    rosa.save()
    assert browser.get("/contacts").status_code == 302


def test_a_locked_user_is_anonymous(rosa):
    browser = browser_of(rosa)
    User.objects.filter(pk=rosa.pk).update(is_active=False)
    assert browser.get("/contacts").status_code == 302


def test_session_data_that_names_another_user_is_rejected(rosa, bruno):
    browser = browser_of(rosa)
    session = browser.session
    session["_auth_user_id"] = str(bruno.pk)  # only we could write it, for it is sealed
    session.save()
    Session.objects.update(user=rosa)
    assert browser.get("/contacts").status_code == 302  # the proof is rosa's, the number is not
