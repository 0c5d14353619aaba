"""A program's token: shown once, stored as a digest, invalid from the next request after its end; nobody signs in as a
program.
"""

import re

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency, EnrolmentCode, Kind, Role, User
from amparo.foundation.access.rules import lock_person, renew_code
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from ..models import ApiToken, WebhookEndpoint
from ..rules import end_token, give_token, user_of_token

TOKEN = re.compile(r"amparo_[\w-]{43}")


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen(user: User) -> int:
    with acting_as(user.acting()):
        return ApiToken.objects.count()


def test_a_token_signs_in_a_program_of_its_institution_only(rita, unit, now):
    token = give_token("Denuncias", by=rita, now=now)
    machine = user_of_token(token.text, now)
    assert TOKEN.fullmatch(token.text)
    assert machine == token.user
    assert (machine.agency, machine.role, machine.is_machine) == (unit, Role.POLICE_LIAISON, True)
    assert ApiToken.objects.get().last_used_on is not None
    assert user_of_token(token.text + "x", now) is None


def test_the_database_does_not_contain_the_token(rita, now):
    token = give_token("Denuncias", by=rita, now=now)
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(t)::text from integrations_apitoken t")
        rows = str(cursor.fetchall())
    assert token.text not in rows
    assert token.text.removeprefix("amparo_").encode().hex() not in rows


def test_an_ended_token_is_refused_and_ending_it_twice_changes_nothing(rita, now):
    token = give_token("Denuncias", by=rita, now=now)
    for _ in range(2):
        end_token(token, by=rita, now=now)
    assert user_of_token(token.text, now) is None
    assert {entry.what for entry in Entry.objects.all()} >= {"give_token", "end_token"}


def test_the_token_of_a_locked_program_is_refused(rita, now):
    token = give_token("Denuncias", by=rita, now=now)
    lock_person(token.user, by=rita)
    assert user_of_token(token.text, now) is None


def test_another_institution_neither_sees_nor_ends_a_token(rita, stranger, now):
    token = give_token("Denuncias", by=rita, now=now)
    assert (seen(rita), seen(stranger), seen(token.user)) == (1, 0, 1)
    end_token(token, by=stranger, now=now)
    assert user_of_token(token.text, now) == token.user
    assert at(stranger).post(f"/integrations/{token.pk}/end").status_code == 404


def test_row_level_security_shows_and_lets_in_none_to_a_liaison(rita, unit, now):
    """Whatever SQL an attacker of the same unit injects."""
    token = give_token("Denuncias", by=rita, now=now)
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    assert seen(teo) == 0
    with acting_as(teo.acting()):
        assert ApiToken.objects.filter(pk=token.pk).update(ended_at=now) == 0
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(teo.acting()):
        ApiToken.objects.create(user=teo, agency=unit, digest=b"x" * 32, made_at=now, made_by=teo)


@pytest.mark.parametrize(("kind", "role"), [(Kind.POLICE, Role.POLICE_LIAISON), (Kind.HOTLINE, Role.ADMINISTRATOR)])
def test_only_administrators_of_institutions_that_receive_something_create_tokens(db, now, kind, role):
    its, _made = Agency.objects.get_or_create(kind=kind, defaults={"name": "Inventada"})
    other = User.objects.create(username="x", role=role, agency=its)
    with pytest.raises(Refused):
        give_token("Denuncias", by=other, now=now)


@pytest.mark.parametrize("kind", [Kind.MINISTRY, Kind.NGO, Kind.SHELTER])
def test_a_program_of_a_service_answers_referrals_and_sees_no_report(db, now, kind):
    its = Agency.objects.create(name="Inventada", kind=kind)
    boss = User.objects.create(username="boss", role=Role.ADMINISTRATOR, agency=its)
    machine = give_token("Derivaciones", by=boss, now=now).user
    assert machine.role == Role.SERVICE_LIAISON
    assert (permissions.answer_referrals(machine), permissions.receive_reports(machine)) == (True, False)
    assert "service_liaison" not in at(boss).get("/staff").content.decode()  # no person is given that work


def test_nobody_signs_in_as_a_program(rita, now):
    machine = give_token("Denuncias", by=rita, now=now).user
    assert at(machine).get("/reports").headers["Location"].startswith("/sign-in")
    assert at(machine).get("/me").headers["Location"].startswith("/sign-in")
    with pytest.raises(Refused, match="program"):
        renew_code(machine, by=rita, now=now)
    with pytest.raises(Refused, match="program"):
        EnrolmentCode.make(machine, now)
    machine.set_password("a long password of nobody")
    with pytest.raises(IntegrityError, match="a_machine_has_no_password"), transaction.atomic():
        machine.save()
    assert str(machine) not in at(rita).get("/staff").content.decode()


def test_control_a_person_can_sign_in(rita, now):
    machine = give_token("Denuncias", by=rita, now=now).user
    User.objects.filter(pk=machine.pk).update(is_machine=False)
    assert at(User.objects.get(pk=machine.pk)).get("/reports").status_code == 200


def test_the_page_creates_a_token_shows_it_once_and_ends_it(rita, now):
    page = at(rita)
    shown = TOKEN.search(page.post("/integrations/add", {"name": "Denuncias"}).content.decode())[0]
    assert user_of_token(shown, now).first_name == "Denuncias"
    again = page.get("/integrations").content.decode()
    assert "Denuncias" in again
    assert shown not in again
    assert page.post(f"/integrations/{ApiToken.objects.get().pk}/end").status_code == 302
    assert user_of_token(shown, now) is None


def test_the_page_refuses_in_a_sentence_and_keeps_what_was_typed(rita):
    page = at(rita)
    assert page.post("/integrations/add", {"name": " "}).status_code == 422
    answer = page.post("/integrations/hook", {"address": "http://programs.example.org"})
    assert answer.status_code == 422
    assert 'value="http://programs.example.org"' in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()
    assert page.post("/integrations/hook/end").status_code == 302


def test_an_institution_has_at_most_twenty_tokens(rita, now):
    for number in range(20):
        token = give_token(f"Programa {number}", by=rita, now=now)
    with pytest.raises(Refused, match="twenty"):
        give_token("Otro", by=rita, now=now)
    end_token(token, by=rita, now=now)
    give_token("Otro", by=rita, now=now)
