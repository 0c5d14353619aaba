"""Without a sealer the hotline continues; the console and /healthz report it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import SealerStatus
from amparo.screens.desk.stream import FOR_ALL

pytestmark = pytest.mark.django_db


def sealer_seen(ago: timedelta, trouble: list[str] | None = None) -> None:
    SealerStatus.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now() - ago, "trouble": trouble or []})


def test_the_console_is_silent_while_the_sealer_works(console):
    sealer_seen(timedelta(seconds=3))
    assert "data-ledger" not in console.get("/console").content.decode()


@pytest.mark.parametrize(("ago", "trouble"), [(timedelta(hours=1), None), (timedelta(), ["witness 2 away"])])
def test_without_a_sealer_or_a_witness_the_console_says_so_and_works(console, ago, trouble):
    sealer_seen(ago, trouble)
    for path in ("/console", "/console/queue"):
        answer = console.get(path)
        assert answer.status_code == 200
        assert "data-ledger" in answer.content.decode()
    assert console.post("/seat/break").status_code == 204


def test_health_reports_the_delay_and_stays_ok():
    sealer_seen(timedelta(hours=1))
    answer = Client().get("/healthz")
    assert answer.json()["ledger"] == "3600 s behind"
    sealer_seen(timedelta(), ["witness 2 away"])
    assert Client().get("/healthz").json()["ledger"] == "witness 2 away"
    sealer_seen(timedelta())
    assert Client().get("/healthz").json()["ledger"] == "ok"
    assert answer.status_code == Client().get("/healthz").status_code


def test_every_console_is_notified():
    assert "ledger" in FOR_ALL
