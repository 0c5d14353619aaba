"""A supervisor writes who employs somebody and what they are trained in; colleagues read it."""

import pytest
from django.test import Client

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Employer, Employment, Skill
from amparo.line.roster.rules import is_public_official
from amparo.line.roster.shift_rules import set_employment


def test_a_supervisor_writes_it_and_the_last_word_holds(ana, rufino, marta):
    set_employment(ana, Employer.LINE, [], by=marta)
    set_employment(ana, Employer.STATE, [Skill.CHILDREN, Skill.SIGN], by=marta)
    with acting_as(rufino.acting()):
        found = Employment.objects.get()
        assert (found.employer, found.skills) == (Employer.STATE, ["children", "sign"])
        assert (is_public_official(ana), is_public_official(rufino)) == (True, False)
    assert Entry.objects.filter(what="set_employment", user_id=marta.pk).count() == 2


def test_an_operator_writes_none(ana):
    with pytest.raises(Refused):
        set_employment(ana, Employer.STATE, [], by=ana)
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        Employment.objects.create(user=ana, employer=Employer.STATE)


def test_the_page_lists_it_and_a_case_worker_can_be_chosen(ana, marta):
    ines = User.objects.create(username="ines", first_name="Inés", role=Role.CASE_WORKER)
    boss, operator = Client(), Client()
    boss.force_login(marta)
    operator.force_login(ana)
    typed = {"user": ines.pk, "employer": "state", "skills": ["labour", "migration"]}
    assert operator.post("/shifts/employment", typed).status_code == 404
    assert boss.post("/shifts/employment", typed | {"employer": "nobody"}).status_code == 422
    assert boss.post("/shifts/employment", typed).status_code == 302
    page = operator.get("/roster").content.decode()
    assert "derecho laboral, migración y asilo" in page
    assert 'action="/shifts/employment"' not in page
