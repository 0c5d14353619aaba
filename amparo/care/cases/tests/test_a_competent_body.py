"""Only a competent body decides whether a person is a victim. Its decision is recorded with its document, and stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import close_case, sign_assessment, write_decision
from amparo.care.exchange.outline import case_outline
from amparo.care.screening.models import Body, Recognition, Status
from amparo.care.screening.rules import answer
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

FISCALIA = "Fiscalía inventada, 12-2026"


@pytest.fixture
def person(case):
    return case.persons[0]


@pytest.fixture
def today(now):
    return timezone.localdate(now)


def status_of(case) -> str:
    record, _people = case_outline(case)
    return next((word for word in record.split('"') if word.endswith("VictimOfTrafficking")), "")


def test_a_decision_outranks_our_assessment_and_the_newest_decision_counts(case, person, ana, now, today):
    answer(person, {"act.transfer": "yes", "means.force": "yes", "purpose.sexual": "yes"}, by=ana, now=now)
    sign_assessment(person, by=ana, now=now)
    with acting_as(ana.acting()):
        before = status_of(case)
    for days, status in ((9, Status.NOT_A_VICTIM), (2, Status.ACTUAL_VICTIM), (5, Status.NOT_A_VICTIM)):
        decided_on = today - timedelta(days=days)
        write_decision(person, status, Body.PROSECUTION, document=FISCALIA, decided_on=decided_on, by=ana, now=now)
    with acting_as(ana.acting()):
        assert (before, status_of(case)) in [("PossibleVictimOfTrafficking", "ActualVictimOfTrafficking"),
                                             ("", "ActualVictimOfTrafficking")]  # fmt: skip
        assert '"vic_TraffickingStatusDecisionMakingOrg": "CourtOrProsecution"' in case_outline(case)[0]
    assert case.entries.filter(kind=EntryKind.RECOGNISED).count() == 3


def test_without_an_authority_its_document_and_its_day_nobody_is_a_victim(case, person, ana, now, today):
    wrong = [
        {"document": "  "}, {"decided_on": today + timedelta(days=1)}, {"body": "ngo"}, {"status": "possible_victim"},
    ]  # fmt: skip
    right = {"status": Status.ACTUAL_VICTIM, "body": Body.POLICE, "document": FISCALIA, "decided_on": today}
    for each in wrong:
        with pytest.raises(Refused):
            write_decision(person, **(right | each), by=ana, now=now)
    with pytest.raises(Refused, match="at risk"):
        write_decision(case.persons[1], **right, by=ana, now=now)
    assert not Recognition.objects.exists()


def test_the_database_takes_no_other_body_and_changes_nothing(person, ana, now, today):
    made = write_decision(
        person, Status.ACTUAL_VICTIM, Body.POLICE, document=FISCALIA, decided_on=today, by=ana, now=now
    )
    with pytest.raises(IntegrityError, match="only_a_competent_body_decides"), transaction.atomic():
        Recognition.objects.filter(pk=made.pk).update(body="ngo")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        acting_as(ana.acting()),
    ):
        Recognition.objects.filter(pk=made.pk).update(status=Status.NOT_A_VICTIM)


def test_it_is_written_on_the_page_of_a_closed_case_too(case, person, ana, now, today):
    close_case(case, "safe", by=ana, now=now)
    client = Client()
    client.force_login(ana)
    where = f"/cases/{case.pk}/people/{person.pk}"
    sent = {"status": "actual_victim", "body": "prosecution", "document": FISCALIA, "decided_on": today.isoformat()}
    refused = client.post(f"{where}/decisions", sent | {"document": ""})
    assert (refused.status_code, Recognition.objects.count()) == (422, 0)
    client.post(f"{where}/decisions", sent)
    assert FISCALIA in client.get(f"{where}/screening").content.decode()
