"""If more reports wait than a page shows, it shows the longest waiting ones and says that there are more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.police_reports import inbox
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from tests.test_promises.access import contact_of
from tests.test_promises.planting import plant_case

HOUR = timedelta(hours=1)
MORE = "Hay más denuncias"


@pytest.fixture
def sent(ana, teo, monkeypatch):
    """Five reports, an hour apart, the last of them decided; and a page that shows four."""
    planted, now = plant_case(contact_of(ana), lambda kind: kind, by=ana, liaison=teo), timezone.now()
    monkeypatch.setattr(inbox, "AT_MOST", 4)
    earlier = [
        report_to_police(
            planted.person, teo.agency, facts="invented", source=Source.VICTIM, by=ana, now=now - each * HOUR
        )
        for each in (4, 3, 2, 1)
    ]
    return [*earlier, planted.report]


def shown(user: User, now) -> list[Report]:
    with acting_as(user.acting()):
        return [report for report, _clock in inbox.reports_in_order(user, now).rows]


def test_what_waits_longest_stays_and_what_is_decided_drops_out(sent, teo):
    *waiting, decided = sent
    assert shown(teo, decided.sent_at) == waiting
    receive_report(waiting[0], "F-1", by=teo, now=decided.sent_at)
    # it is due for a decision after these are due for receipt
    assert shown(teo, decided.sent_at) == [*waiting[1:], waiting[0]]
    record_decision(waiting[0], Decision.SHELVED, by=teo, now=decided.sent_at)
    assert shown(teo, decided.sent_at) == [*waiting[1:], decided]  # of the decided ones, the newest


def test_what_is_in_danger_is_never_the_one_that_drops_out(sent, teo, monkeypatch):
    monkeypatch.setattr(inbox, "AT_MOST", 1)
    for each in sent[:4]:
        Report.objects.update(is_danger=False)
        Report.objects.filter(pk=each.pk).update(is_danger=True)
        assert shown(teo, sent[-1].sent_at) == [each]


def test_the_page_says_that_there_are_more_and_only_then(sent, teo, monkeypatch):
    User.objects.filter(pk=teo.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=teo.pk))
    seen = [MORE in page.get("/reports").content.decode()]
    monkeypatch.setattr(inbox, "AT_MOST", 5)
    seen.append(MORE in page.get("/reports").content.decode())
    assert seen == [True, False]
