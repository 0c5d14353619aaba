"""A person is given a role that opens something in their institution, and no other."""

import inspect

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access import permissions, rules
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.refusal import Refused

# What a role opens anywhere does not make it a role of an institution: every account, and the alerts of a supervisor.
NOT_COUNTED = {"is_staff", "watch"}
OPENS = [
    rule
    for name, rule in vars(permissions).items()
    if inspect.isfunction(rule) and list(inspect.signature(rule).parameters) == ["user"] and name not in NOT_COUNTED
]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_role_on_offer_opens_something_and_no_other_does(kind):
    people = {role: User(role=role, agency=Agency(pk=7, kind=kind)) for role in Role if role != Role.SERVICE_LIAISON}
    opens = {role for role, user in people.items() if any(rule(user) for rule in OPENS)}
    assert set(permissions.roles_of(kind)) == opens | {Role.AUDITOR}  # an auditor sees alerts in any institution


def test_the_page_offers_only_these_and_refuses_the_others_in_a_sentence(tomas):
    browser = Client()
    browser.force_login(tomas)
    page = browser.get("/staff?language=en").content.decode()
    form = page[page.index('name="username"') :]
    assert f'value="{Role.PLAN_RESPONDENT}"' in form
    assert f'value="{Role.OPERATOR}"' not in form
    sent = {"username": "nadia", "name": "Nadia", "role": Role.OPERATOR}
    refused = browser.post("/staff/add", sent)
    assert (refused.status_code, "has this role" in refused.content.decode()) == (400, True)
    assert not User.objects.filter(username="nadia").exists()
    assert browser.post("/staff/add", sent | {"role": Role.PLAN_RESPONDENT}).status_code == 200  # the control
    assert User.objects.get(username="nadia").agency == tomas.agency


def test_the_verbs_refuse_it_too(tomas):
    with pytest.raises(Refused):
        rules.add_person("nadia", "Nadia", Role.SHELTER_STAFF, by=tomas, now=timezone.now())
    rules.add_person("nadia", "Nadia", Role.AUDITOR, by=tomas, now=timezone.now())
    nadia = User.objects.get(username="nadia")
    with pytest.raises(Refused):
        rules.change_role(nadia, Role.SUPERVISOR, by=tomas)
    assert rules.change_role(nadia, Role.PLAN_RESPONDENT, by=tomas).role == Role.PLAN_RESPONDENT
