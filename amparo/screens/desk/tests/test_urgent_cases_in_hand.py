"""The console shows urgent cases that an operator still holds, so that they are handed over before the shift ends."""

import pytest
from django.utils import timezone, translation

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing
from amparo.care.cases.rules import close_case, open_case
from amparo.care.cases.tasks_planning import finish_task
from amparo.care.cases.team import add_member, hand_over, read_hand_over, take_charge
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from ..other_work import urgent_in_hand
from . import scenes


@pytest.fixture
def case(ana) -> Case:
    """A case that is due within 24 hours, held by Ana."""
    scenes.wrap_up()
    contact = Contact.objects.get()
    contact.urgency = Urgency.URGENT
    contact.save(update_fields=["urgency"])
    return open_case(contact, by=ana, now=timezone.now())


def in_hand(user: User) -> list[str]:
    with acting_as(user.acting()):
        return [case.code for case in urgent_in_hand(user)]


def test_an_urgent_case_is_shown_to_its_holder_only(case, ana, rufino):
    assert (in_hand(ana), in_hand(rufino)) == ([case.code], [])


@pytest.mark.parametrize(
    ("urgency", "is_told"),
    [(Urgency.IMMEDIATE, True), (Urgency.URGENT, True), (Urgency.SOON, False), (Urgency.ROUTINE, False)],
)
def test_only_urgent_cases_are_shown(case, ana, urgency, is_told):
    Case.objects.update(urgency=urgency)
    assert bool(in_hand(ana)) == is_told


def test_after_a_handover_it_is_shown_to_the_new_holder(case, ana, rufino):
    now = timezone.now()
    add_member(case, rufino, by=ana, now=now)
    left = hand_over(case, where_it_stands="invented", by=ana, now=now)
    assert (in_hand(ana), in_hand(rufino)) == ([], [])
    read_hand_over(left, by=rufino, now=now)
    assert (in_hand(ana), in_hand(rufino)) == ([], [case.code])
    take_charge(case, by=ana, now=now)  # what she left before is not the end of it
    assert (in_hand(ana), in_hand(rufino)) == ([case.code], [])


def test_a_closed_case_is_shown_to_nobody(case, ana):
    now = timezone.now()
    with acting_as(ana.acting()):
        critical = list(case.tasks.filter(is_critical=True, is_open=True))
    for task in critical:
        finish_task(task, by=ana, now=now)
    close_case(case, Closing.SAFE, words="invented", by=ana, now=now)
    assert in_hand(ana) == []


@pytest.mark.parametrize(
    ("language", "says"), [("es", "a su cargo y sin entregar"), ("en", "still in your hand, and not handed over")]
)
def test_the_console_links_to_the_urgent_case(case, ana, console, language, says):
    with translation.override(language):
        shown = console.get(f"/console/queue?language={language}").content.decode()
    assert (says in shown, f'href="/cases/{case.pk}"' in shown) == (True, True)
    hand_over(case, where_it_stands="invented", by=ana, now=timezone.now())
    assert says not in console.get(f"/console/queue?language={language}").content.decode()
