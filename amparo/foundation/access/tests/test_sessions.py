import time

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from .. import factors
from ..models import Session, User
from ..models.sessions import LONGEST, SessionStore, digest_of_session_key, is_session_alive
from ..session_state import IDLE, RECENT
from .entering import PASSWORD, by_password, register

SCRIPT = {"Sec-Fetch-Mode": "cors"}


@pytest.fixture
def desk(rosa: User) -> Client:
    """Rosa's browser after a full sign-in."""
    browser = Client()
    by_password(browser, "rosa")
    browser.codes = register(browser)[1]
    return browser


def ago(desk: Client, seconds: float, *marks: str) -> None:
    """Move these events into the past."""
    session = desk.session
    session.update({mark: time.time() - seconds for mark in marks})
    session.save()


def key(browser: Client) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_desk_that_was_left_is_locked(desk):
    ago(desk, IDLE + 1, "seen_at")
    assert desk.get("/contacts").headers["Location"] == "/prove?next=%2Fcontacts"
    answer = desk.get("/console/queue", headers=SCRIPT)
    assert (answer.status_code, answer.headers["X-Session-State"]) == (403, "locked")


def test_input_keeps_a_desk_unlocked_and_requests_of_scripts_do_not(desk):
    ago(desk, IDLE - 1, "seen_at")
    desk.get("/console/queue", headers=SCRIPT)
    assert time.time() - desk.session["seen_at"] > IDLE - 10
    desk.post("/awake", headers=SCRIPT)
    assert time.time() - desk.session["seen_at"] < 10


def test_the_button_locks_and_the_password_of_the_same_person_opens(desk):
    assert desk.post("/lock", headers=SCRIPT).status_code == 204
    assert desk.get("/console").status_code == 302
    assert desk.post("/prove", {"password": "wrong"}, headers=SCRIPT).status_code == 400
    assert desk.get("/console").status_code == 302
    assert desk.post("/prove", {"password": PASSWORD}, headers=SCRIPT).status_code == 204
    assert desk.get("/console").status_code == 200


def test_a_request_that_began_before_the_lock_does_not_open_the_desk(desk):
    """The request notes activity, and saves the session that it read before the lock."""
    earlier, meanwhile = desk.session, desk.session
    assert earlier["seen_at"]  # it was read
    assert meanwhile["seen_at"]
    meanwhile.save()
    assert desk.get("/console").status_code == 200  # the control: a save by itself locks nothing
    desk.post("/lock", headers=SCRIPT)
    earlier["seen_at"] = time.time()
    earlier.save()
    assert desk.get("/console").status_code == 302
    assert desk.post("/prove", {"password": PASSWORD}, headers=SCRIPT).status_code == 204
    assert desk.get("/console").status_code == 200


def test_a_recovery_code_unlocks_the_desk_and_redirects_back(desk):
    desk.post("/lock")
    answer = desk.post("/prove?next=/contacts", {"code": desk.codes[0]})
    assert answer.headers["Location"] == "/contacts"


def test_another_persons_password_does_not_unlock_the_desk(desk):
    User.objects.create_user("other", password="another sentence of four")
    desk.post("/lock")
    assert desk.post("/prove", {"password": "another sentence of four", "username": "other"}).status_code == 400


def test_unlocking_changes_the_session_key_and_ends_the_old_one(desk):
    before = key(desk)
    desk.post("/lock")
    desk.post("/prove", {"password": PASSWORD})
    assert key(desk) != before
    assert is_session_alive(key(desk), timezone.now())
    assert not is_session_alive(before, timezone.now())


def test_a_locked_desk_is_not_kept_awake(desk):
    desk.post("/lock")
    assert desk.post("/awake", headers=SCRIPT).status_code == 403


def test_guesses_at_a_lock_are_counted(desk):
    desk.post("/lock")
    assert {desk.post("/prove", {"password": f"guess {n}"}).status_code for n in range(5)} == {400}
    assert desk.post("/prove", {"password": PASSWORD}).status_code == 400


def test_a_session_ends_after_twelve_hours(desk):
    ago(desk, LONGEST.total_seconds() + 1, "began_at")
    assert not is_session_alive(key(desk), timezone.now())
    assert desk.get("/console").headers["Location"] == "/sign-in?next=%2Fconsole"
    assert desk.get("/me").headers["Location"].startswith("/sign-in")


def test_use_does_not_extend_a_session(desk):
    ago(desk, LONGEST.total_seconds() - 60, "began_at")
    desk.post("/prove", {"code": desk.codes[0]})
    assert time.time() - desk.session["began_at"] > LONGEST.total_seconds() - 90


def test_who_signs_in_elsewhere_is_signed_out_here(desk):
    other = Client()
    by_password(other, "rosa")
    other.post("/sign-in/second", {"code": desk.codes[0]})
    assert other.get("/console").status_code == 200
    assert desk.get("/console").headers["Location"].startswith("/sign-in")


def test_signing_in_does_not_end_sessions_of_others(desk, pilar):
    other = Client()
    by_password(other, "pilar")
    assert desk.get("/console").status_code == 200


def test_a_person_locked_out_is_out_at_once(desk, rosa):
    User.objects.filter(pk=rosa.pk).update(is_active=False)
    assert desk.get("/console").headers["Location"].startswith("/sign-in")


def test_a_sensitive_page_asks_for_proof_again(desk):
    assert desk.get("/me/app").status_code == 200
    ago(desk, RECENT + 1, "proved_at")
    assert desk.get("/me/app").headers["Location"] == "/prove?next=%2Fme%2Fapp"
    assert desk.post("/me/app", {"code": "000000"}).headers["Location"].startswith("/prove")
    assert desk.post("/prove?next=/me/app", {"password": PASSWORD}).status_code == 400  # a password is not enough
    assert desk.post("/prove?next=/me/app", {"code": desk.codes[0]}).headers["Location"] == "/me/app"
    assert desk.get("/me/app").status_code == 200


def test_the_second_last_way_to_sign_in_cannot_be_removed(desk, rosa):
    app = rosa.authenticator_set.get(type="totp")
    assert desk.post(f"/me/authenticators/{app.pk}/remove").status_code == 409
    assert rosa.authenticator_set.filter(pk=app.pk).exists()


def test_nobody_removes_another_persons_authenticator(desk, pilar):
    theirs = pilar.authenticator_set.create(type="webauthn", data={})
    assert desk.post(f"/me/authenticators/{theirs.pk}/remove").status_code == 404


def test_codes_are_shown_once(desk):
    assert desk.get("/me/codes").headers["Location"] == "/me"
    assert "10" in desk.get("/me").content.decode()
    assert desk.post("/me/codes").status_code == 200
    assert desk.get("/me/codes").status_code == 302


def test_a_new_password_ends_all_others_and_keeps_this(desk):
    new = "cinco palabras muy distintas juntas"
    answer = desk.post("/me/password", {"new_password1": new, "new_password2": new})
    assert answer.headers["Location"] == "/me"
    assert desk.get("/console").status_code == 200


def test_the_user_read_with_a_session_is_as_the_database_has_them(desk, rosa):
    store = SessionStore(key(desk))
    store.load()
    there = User.objects.get(pk=rosa.pk)
    for read, expected in ((store.person, there), (store.person.agency, there.agency)):
        assert (read, read._state.db, read._state.adding) == (expected, expected._state.db, False)
        for field in expected._meta.concrete_fields:
            value = getattr(read, field.attname)
            assert (type(value), value) == (type(getattr(expected, field.attname)), getattr(expected, field.attname))


def test_a_session_and_its_user_are_read_by_one_query(desk, django_assert_num_queries):
    store = SessionStore(key(desk))
    with django_assert_num_queries(1):
        store.load()
        assert store.person.agency.name


def test_a_session_in_which_nobody_has_signed_in_has_no_user(db):
    begun = SessionStore()
    begun["next"] = "/home"
    begun.save()
    store = SessionStore(begun.session_key)
    assert (store.load(), store.person) == ({"next": "/home"}, None)


@pytest.mark.parametrize("bad", ["short", "password1234"])
def test_a_bad_password_is_refused_with_a_sentence(desk, bad):
    assert desk.post("/me/password", {"new_password1": bad, "new_password2": bad}).status_code == 400


def test_neither_key_nor_words_of_a_session_stand_in_the_database(desk):
    with connection.cursor() as cursor:
        cursor.execute("select session_key || session_data from access_session")
        rows = "\n".join(row[0] for row in cursor.fetchall())
    assert digest_of_session_key(key(desk)) in rows  # the control: there is a row of this browser
    assert key(desk) not in rows
    assert "seen_at" not in rows


def test_words_moved_to_another_session_do_not_open(desk, pilar):
    other = Client()
    by_password(other, "pilar")
    stolen = Session.objects.get(pk=digest_of_session_key(key(desk))).session_data
    Session.objects.filter(pk=digest_of_session_key(key(other))).update(session_data=stolen)
    assert other.get("/me").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("authenticators", "has_password", "enough"),
    [
        ("passkey", True, False),
        ("passkey codes", True, True),
        ("passkey unseen-codes", True, False),
        ("passkey codes", False, False),  # codes are a second factor, and there is no first
        ("passkey passkey", False, True),
        ("app", True, False),
        ("app codes", True, True),
        ("app codes", False, False),
        ("app passkey", True, True),
        ("app passkey", False, False),
        ("codes", True, False),
        ("", True, False),
    ],
)
def test_which_authenticators_are_enough(rosa, authenticators, has_password, enough):
    kinds = {"passkey": "webauthn", "app": "totp", "codes": "recovery_codes", "unseen-codes": "recovery_codes"}
    for name in authenticators.split():
        rosa.authenticator_set.create(type=kinds[name], data={"viewed_at": 1.0} if name == "codes" else {})
    if not has_password:
        rosa.set_unusable_password()
    assert factors.has_enough_factors(rosa) is enough
