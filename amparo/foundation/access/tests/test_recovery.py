import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.core.refusal import Refused

from .. import rules
from ..forms import PersonForm
from ..models import Agency, EnrolmentCode, Kind, Recovery, Role, Session, User
from ..models.authenticators import RecoveryHalf
from .conftest import person
from .entering import PASSWORD, by_password, register


@pytest.fixture
def lost(rosa):
    """Rosa is registered, and has lost everything."""
    browser = Client()
    by_password(browser, "rosa")
    register(browser)
    return rosa


def enter(username: str, code: str, browser: Client | None = None):
    return (browser or Client()).post("/sign-in/code", {"username": username, "code": code})


def ask_for_recovery(lost, pilar) -> tuple[str, Recovery]:
    half = rules.request_recovery(lost, by=pilar, now=timezone.now())
    return half, Recovery.objects.get(person=lost)


def test_two_administrators_of_two_agencies_let_somebody_begin_again(lost, pilar, tomas):
    first, recovery = ask_for_recovery(lost, pilar)
    assert Session.objects.filter(user=lost).exists()  # nothing happens before it is confirmed
    second = rules.confirm_recovery(recovery, by=tomas, now=timezone.now())
    assert not Authenticator.objects.filter(user=lost).exists()
    assert not Session.objects.filter(user=lost).exists()
    assert by_password(Client(), "rosa").status_code == 400
    browser = Client()
    assert enter("rosa", f"{first}-{second}", browser).headers["Location"] == "/me"
    assert browser.get("/console").headers["Location"] == "/me"


def test_half_a_recovery_code_does_not_sign_in(lost, pilar, tomas):
    first, recovery = ask_for_recovery(lost, pilar)
    second = rules.confirm_recovery(recovery, by=tomas, now=timezone.now())
    for half in (first, second, second + first, first + first):
        assert enter("rosa", half).status_code == 400


def test_the_same_agency_cannot_confirm(lost, pilar):
    _, recovery = ask_for_recovery(lost, pilar)
    colleague = person("colleague", Role.ADMINISTRATOR)
    for administrator in (pilar, colleague):
        with pytest.raises(Refused):
            rules.confirm_recovery(recovery, by=administrator, now=timezone.now())
    assert Authenticator.objects.filter(user=lost).exists()


def test_the_database_itself_refuses_the_same_agency(lost, pilar):
    _, recovery = ask_for_recovery(lost, pilar)
    colleague = person("colleague", Role.ADMINISTRATOR)
    recovery.confirmed_by, recovery.confirmed_agency, recovery.confirmed_at = colleague, pilar.agency, timezone.now()
    with pytest.raises(IntegrityError, match="a_recovery_takes_two_agencies"), transaction.atomic():
        recovery.save()


def test_a_second_request_is_refused(lost, pilar, tomas):
    ask_for_recovery(lost, pilar)
    for administrator in (pilar, tomas):
        with pytest.raises(Refused):
            rules.request_recovery(lost, by=administrator, now=timezone.now())
    with pytest.raises(IntegrityError, match="a_person_has_one_open_recovery"), transaction.atomic():
        Recovery.objects.create(
            person=lost,
            requested_by=tomas,
            requested_agency=tomas.agency,
            requested_at=timezone.now(),
            first_half=RecoveryHalf().digest,
        )


def test_two_other_agencies_cannot_take_over_an_account_of_a_third(lost, tomas):
    with pytest.raises(Refused, match=r"another agency|otra institución"):
        rules.request_recovery(lost, by=tomas, now=timezone.now())
    assert not Recovery.objects.exists()


def test_two_other_agencies_cannot_take_over_an_administrator_either(pilar, ngo, tomas):
    """Neither the hotline's, nor that of a third agency."""
    house = Agency.objects.create(name="Invented house", kind=Kind.SHELTER)
    iris = person("iris", Role.ADMINISTRATOR, house)
    for lost_administrator in (pilar, iris):
        with pytest.raises(Refused, match=r"another agency|otra institución"):
            rules.request_recovery(lost_administrator, by=tomas, now=timezone.now())
    assert not Recovery.objects.exists()
    rules.request_recovery(iris, by=pilar, now=timezone.now())  # the control: the hotline's may
    rules.confirm_recovery(Recovery.objects.get(person=iris), by=tomas, now=timezone.now())


def test_the_hotline_helps_an_administrator_only_where_no_other_one_is(pilar, ngo, tomas):
    iris = person("iris", Role.ADMINISTRATOR, ngo)
    with pytest.raises(Refused, match=r"another agency|otra institución"):
        rules.request_recovery(iris, by=pilar, now=timezone.now())
    rules.lock_person(iris, by=tomas)
    rules.request_recovery(tomas, by=pilar, now=timezone.now())  # the control: the other one is locked


def test_an_old_request_and_one_of_who_may_not_ask_any_more_are_not_confirmed(lost, pilar, tomas):
    _, recovery = ask_for_recovery(lost, pilar)
    with pytest.raises(Refused, match=r"too old|demasiado antigu"):
        rules.confirm_recovery(recovery, by=tomas, now=timezone.now() + timedelta(days=7, minutes=1))
    for change in ({"is_active": False}, {"is_active": True, "role": Role.AUDITOR}):
        User.objects.filter(pk=pilar.pk).update(**change)
        with pytest.raises(Refused, match=r"may not ask|ya no puede pedir"):
            rules.confirm_recovery(recovery, by=tomas, now=timezone.now())
    User.objects.filter(pk=pilar.pk).update(role=Role.ADMINISTRATOR)
    rules.confirm_recovery(recovery, by=tomas, now=timezone.now())  # the control


def test_the_page_offers_what_may_be_asked(pilar, tomas):
    browser = Client()
    for who, offered in ((pilar, True), (tomas, False)):
        browser.force_login(who)
        other = tomas if who == pilar else pilar
        assert (f"/staff/{other.pk}/recovery/ask" in browser.get("/staff").content.decode()) is offered


def test_a_recovery_is_confirmed_once(lost, pilar, tomas):
    _, recovery = ask_for_recovery(lost, pilar)
    rules.confirm_recovery(recovery, by=tomas, now=timezone.now())
    with pytest.raises(Refused):
        rules.confirm_recovery(recovery, by=tomas, now=timezone.now())


def test_nobody_recovers_themselves(pilar, tomas):
    with pytest.raises(Refused):
        rules.request_recovery(pilar, by=pilar, now=timezone.now())
    rules.request_recovery(tomas, by=pilar, now=timezone.now())
    with pytest.raises(Refused):
        rules.confirm_recovery(Recovery.objects.get(person=tomas), by=tomas, now=timezone.now())


def test_a_recovery_can_be_withdrawn_until_it_is_confirmed(lost, pilar, tomas):
    _, recovery = ask_for_recovery(lost, pilar)
    rules.withdraw_recovery(recovery, by=tomas)
    with pytest.raises(Recovery.DoesNotExist):
        rules.confirm_recovery(recovery, by=tomas, now=timezone.now())


def test_only_administrators_request_confirm_or_withdraw_a_recovery(lost, rosa, tomas):
    stranger, now = person("stranger", Role.SUPERVISOR), timezone.now()
    for verb in (
        lambda: rules.add_person("x", "X", Role.OPERATOR, by=stranger, now=now),
        lambda: rules.renew_code(lost, by=stranger, now=now),
        lambda: rules.lock_person(lost, by=stranger),
        lambda: rules.unlock_person(lost, by=stranger),
        lambda: rules.request_recovery(lost, by=stranger, now=now),
        lambda: rules.confirm_recovery(Recovery(pk=1), by=stranger, now=now),
        lambda: rules.withdraw_recovery(Recovery(pk=1), by=stranger),
    ):
        with pytest.raises(Refused):
            verb()


def test_an_administrator_adds_and_locks_only_their_own(lost, tomas):
    for verb in (rules.lock_person, rules.unlock_person):
        with pytest.raises(Refused):
            verb(lost, by=tomas)
    with pytest.raises(Refused):
        rules.renew_code(lost, by=tomas, now=timezone.now())


def test_an_enrolment_code_works_once(pilar):
    code = rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
    browser = Client()
    assert enter("nueva", code.lower().replace("-", " "), browser).headers["Location"] == "/me"
    assert browser.get("/console").headers["Location"] == "/me"
    assert browser.get("/me/app").headers["Location"] == "/me/password"  # a second factor wants a first one
    words = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert browser.post("/me/password", words).headers["Location"] == "/me/app"
    assert browser.get("/console").headers["Location"] == "/me"
    register(browser)
    assert browser.get("/console").status_code == 200
    assert enter("nueva", code).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_given_one_name_at_the_same_time_one_is_refused_in_a_sentence(pilar, transactional_db):
    start, outcomes = threading.Barrier(6), []

    def add() -> None:
        start.wait()
        try:
            rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
            outcomes.append("added")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["refused"] * 5


@pytest.mark.parametrize("alike", ["ｅva1", "EVA1", "eva１", "eva\N{SUPERSCRIPT ONE}"])
def test_no_name_that_looks_like_another_is_given(pilar, alike):
    rules.add_person("eva1", "Eva", Role.OPERATOR, by=pilar, now=timezone.now())
    with pytest.raises(Refused, match="ya existe"):
        rules.add_person(alike, "Eva", Role.OPERATOR, by=pilar, now=timezone.now())
    form = PersonForm({"username": alike, "name": "Eva", "role": Role.OPERATOR})
    assert "username" in form.errors
    with pytest.raises(IntegrityError), transaction.atomic():  # whatever a page forgets
        User.objects.create(username=alike)
    rules.add_person("eva2", "Eva", Role.OPERATOR, by=pilar, now=timezone.now())  # the control
    assert PersonForm({"username": "ｅva3", "name": "Eva", "role": Role.OPERATOR}).is_valid()


def test_a_code_ends_and_belongs_to_one_person(pilar):
    code = rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
    assert enter("pilar", code).status_code == 400
    EnrolmentCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert enter("nueva", code).status_code == 400


def test_a_new_code_ends_the_one_before(pilar):
    old = rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
    nueva = EnrolmentCode.objects.get().user
    new = rules.renew_code(nueva, by=pilar, now=timezone.now())
    assert enter("nueva", old).status_code == 400
    assert enter("nueva", new).status_code == 302


def test_who_is_registered_gets_no_code_from_one_administrator(lost, pilar):
    with pytest.raises(Refused):
        rules.renew_code(lost, by=pilar, now=timezone.now())


def test_guesses_at_a_code_are_counted(pilar):
    code = rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
    assert {enter("nueva", f"guess {n}").status_code for n in range(5)} == {400}
    assert enter("nueva", code).status_code == 400


def test_only_a_digest_of_a_code_is_stored(pilar):
    code = rules.add_person("nueva", "Nueva", Role.OPERATOR, by=pilar, now=timezone.now())
    row = EnrolmentCode.objects.get()
    assert row.digest
    assert code.replace("-", "")[:8] not in row.digest.upper()


def test_the_page_says_when_nobody_could_confirm(pilar, ngo):
    browser = Client()
    browser.force_login(pilar)
    lonely = "a recovery can be confirmed by nobody"
    assert lonely in browser.get("/staff?language=en").content.decode()
    person("tomas", Role.ADMINISTRATOR, ngo)
    shown = browser.get("/staff?language=en").content.decode()
    assert (lonely in shown, "Tomas" in shown) == (False, True)
