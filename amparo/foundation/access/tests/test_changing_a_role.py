"""An administrator gives a colleague another role: at once, by a page, and by nobody else."""

import psycopg
import pytest
from django.test import Client

from amparo.foundation.access import rules
from amparo.foundation.access.models import Role, Session, User
from amparo.foundation.core.refusal import Refused
from tests.test_promises.access import as_process

from .conftest import person


def test_the_sessions_of_the_former_role_end(rosa, pilar):
    browser = Client()
    browser.force_login(rosa)
    assert browser.get("/contacts").status_code == 200
    rules.change_role(rosa, Role.PUBLISHER, by=pilar)
    assert not Session.objects.filter(user=rosa).exists()
    rosa.refresh_from_db()
    assert rosa.role == Role.PUBLISHER
    browser.force_login(rosa)
    assert browser.get("/contacts").status_code == 404


def test_who_may_not_change_it(rosa, pilar, tomas):
    for by, role in ((rosa, Role.ADMINISTRATOR), (tomas, Role.ANALYST), (pilar, Role.SERVICE_LIAISON)):
        with pytest.raises(Refused):
            rules.change_role(rosa, role, by=by)
    with pytest.raises(Refused, match="su propia función"):
        rules.change_role(pilar, Role.AUDITOR, by=pilar)
    assert User.objects.get(pk=rosa.pk).role == Role.OPERATOR


def test_the_page_changes_it_and_the_list_shows_it(rosa, pilar):
    browser = Client()
    browser.force_login(pilar)
    assert f"/staff/{rosa.pk}/role" in browser.get("/staff").content.decode()
    assert browser.get(f"/staff/{rosa.pk}/role").status_code == 200
    assert browser.post(f"/staff/{rosa.pk}/role", {"role": "nothing"}).status_code == 422
    assert browser.post(f"/staff/{rosa.pk}/role", {"role": Role.SUPERVISOR}).status_code == 302
    assert User.objects.get(pk=rosa.pk).role == Role.SUPERVISOR
    assert browser.get("/staff/999999/role").status_code == 404
    assert "Last sign-in" in browser.get("/staff?language=en").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_everybody_else():
    rosa, pilar = person("rosa"), person("pilar", Role.ADMINISTRATOR)
    statement = "update access_user set role = 'administrator' where id = %s"
    for actor, target in ((rosa, rosa), (rosa, pilar), (pilar, pilar)):
        with as_process("web", actor.acting()) as link:
            text = "update access_user set role = 'auditor' where id = %s" if target is pilar else statement
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="role of a colleague"):
                link.execute(text, [target.pk])
    with as_process("web", pilar.acting()) as link:  # the control
        assert link.execute(statement, [rosa.pk]).rowcount == 1
