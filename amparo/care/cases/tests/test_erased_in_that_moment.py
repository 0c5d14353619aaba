"""A contact is erased at the same moment as somebody opens a case from it: it is gone, and nothing breaks."""

import pytest
from django.test import Client

from amparo.care.cases.models import Case
from amparo.care.cases.rules import include_contact, open_case
from amparo.care.cases.tests.test_what_the_work_costs import another
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rights import answer_request, receive_request
from tests.in_that_moment import second_while

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def erases(contact, ana, marta, now):
    data_request = receive_request(contact, "erase", by=ana, now=now)
    return lambda: answer_request(data_request, "done", code=contact.code, by=marta, now=now)


def test_no_case_is_opened_of_it(erases, contact, ana):
    browser = Client()
    browser.force_login(ana)
    (answer,) = second_while(erases, lambda: browser.post(f"/cases/from/{contact.pk}"))
    assert (answer.status_code, Case.objects.exists()) == (404, False)


def test_the_verb_alone_refuses_it(erases, contact, ana, now):
    (refusal,) = second_while(erases, lambda: open_case(contact, by=ana, now=now))
    assert (type(refusal), Case.objects.exists()) == (Refused, False)


def test_it_is_included_in_no_case(erases, contact, ana, now):
    case = open_case(another(ana, now), by=ana, now=now)
    (refusal,) = second_while(erases, lambda: include_contact(case, contact, by=ana, now=now))
    assert (type(refusal), case.inclusions.count()) == (Refused, 1)
