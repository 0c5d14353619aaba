from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Certificate, Queue
from amparo.line.roster.shift_rules import issue_certificate, revoke_certificate, set_ringing_rules

from .week import NOW


def certify(user, by, days=30):
    return issue_certificate(user, Queue.CALLS, NOW + timedelta(days=days), by=by, now=NOW)


def test_a_certificate_permits_until_the_moment_of_its_expiry(ana, marta):
    made = certify(ana, marta)
    valid = Certificate.objects.valid
    assert valid(Queue.CALLS, made.expires_at - timedelta(seconds=1)).exists()
    assert not valid(Queue.CALLS, made.expires_at).exists()
    assert not valid(Queue.CHATS, NOW).exists()
    assert not valid(Queue.CALLS, NOW - timedelta(seconds=1)).exists()


def test_a_revoked_one_permits_nothing_from_that_moment(ana, marta):
    made = certify(ana, marta)
    revoke_certificate(made, by=marta, now=NOW + timedelta(days=1))
    revoke_certificate(made, by=marta, now=NOW + timedelta(days=2))
    assert Certificate.objects.get().revoked_at == NOW + timedelta(days=1)
    assert Certificate.objects.valid(Queue.CALLS, NOW).exists()
    assert not Certificate.objects.valid(Queue.CALLS, NOW + timedelta(days=1)).exists()


def test_nobody_certifies_themselves(marta):
    with pytest.raises(Refused):
        certify(marta, marta)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(user=marta, issued_by=marta, issued_at=NOW, expires_at=NOW + timedelta(days=1))


def test_an_operator_issues_none(ana, rufino):
    with pytest.raises(Refused):
        certify(rufino, ana)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 2000])
def test_it_expires_in_the_future_and_within_three_years(ana, marta, days):
    with pytest.raises(Refused):
        certify(ana, marta, days)


def test_it_is_in_the_ledger(ana, marta):
    revoke_certificate(certify(ana, marta), by=marta, now=NOW)
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    verbs = {entry.what for entry in Entry.objects.all()}
    assert {"issue_certificate", "revoke_certificate", "set_ringing_rules"} <= verbs


def test_they_are_issued_on_the_page(ana, marta):
    client = Client()
    client.force_login(marta)
    form = {"user": ana.pk, "queue": "calls", "last_day": "31/12/2027"}
    assert client.post("/certificates/issue", form).status_code == 302
    assert Certificate.objects.get().expires_at.isoformat() == "2028-01-01T05:00:00+00:00"  # midnight in Lima
    assert "Ana F." in client.get("/roster").content.decode()
    assert client.post("/certificates/issue", form | {"last_day": "31/12/2001"}).status_code == 422
    client.post("/ringing-rules", {"by_certificate": "on"})
    assert "checked" in client.get("/roster").content.decode()
