"""The right to erasure reaches the case, and every copy given to others."""

import pytest
from django.test import Client

from amparo.care.cases.erasure import erase_case
from amparo.care.cases.models import Case
from amparo.care.cases.rules import change_case, close_case
from amparo.care.people.models import Identity, Person
from amparo.care.people.rules import identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact, DataSubjectRequest
from amparo.line.contacts.picklists import Right
from amparo.line.contacts.rights import hold, receive_request


@pytest.fixture
def closed(case, contact, ana, now) -> Case:
    change_case(case, based_on=0, situation="invented words", by=ana, now=now)
    identify(case.persons[0], purpose=Purpose.CARE, names="Inventada Demo", by=ana, now=now)
    receive_request(contact, Right.ERASE, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    return Case.objects.get(pk=case.pk)


def seen_by(user) -> list[bool]:
    with acting_as(user.acting(Purpose.CARE)):
        return [model.objects.exists() for model in (Case, Person, Identity, Contact)]


def test_case_identity_and_conversations_are_gone_and_the_request_is_answered(closed, ana, marta, now):
    assert seen_by(ana) == seen_by(marta) == [True] * 4  # the control
    erase_case(closed, code=closed.code.lower(), by=marta, now=now)
    assert seen_by(ana) == seen_by(marta) == [False] * 4
    request = DataSubjectRequest.objects.get()
    assert (request.answer, request.answered_by) == ("done", marta)
    erased = Entry.objects.filter(what="erase").order_by("pk").values_list("about", flat=True)
    assert [about.split()[0] for about in erased] == ["case", "contact"]


def test_an_open_case_a_wrong_code_and_a_hold_refuse_it(contact, closed, ana, marta, now):
    with pytest.raises(Refused, match="write the code"):
        erase_case(closed, code="L-1", by=marta, now=now)
    hold(contact, "court", by=marta, now=now)
    with pytest.raises(Refused, match="held"):
        erase_case(closed, code=closed.code, by=marta, now=now)
    assert seen_by(ana) == [True] * 4


def test_an_open_one_is_closed_first(case, marta, now):
    with pytest.raises(Refused, match="Close it first"):
        erase_case(case, code=case.code, by=marta, now=now)


def test_only_a_supervisor_erases_and_then_there_is_no_page(closed, ana, marta):
    client = Client()
    client.force_login(ana)
    assert "case-erase" not in client.get(f"/cases/{closed.pk}").content.decode()
    assert client.post(f"/cases/{closed.pk}/erase", {"code": closed.code}).status_code in (403, 404)
    client.force_login(marta)
    client.post(f"/cases/{closed.pk}/open", {"purpose": Purpose.RIGHT})
    assert client.post(f"/cases/{closed.pk}/erase", {"code": "L-1"}).status_code == 422
    assert client.post(f"/cases/{closed.pk}/erase", {"code": closed.code})["Location"] == "/cases"
    assert client.get(f"/cases/{closed.pk}").status_code == 404
