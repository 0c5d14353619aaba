"""Without a sealer the hotline goes on; the console and /healthz say so."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import SealerStatus
from amparo.screens.desk.stream import FOR_ALL

pytestmark = pytest.mark.django_db


def sealer_seen(ago: timedelta, trouble: list[str] | None = None) -> None:
    SealerStatus.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now() - ago, "trouble": trouble or []})


def test_while_it_is_sealed_the_console_says_nothing(console):
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


def test_health_says_how_far_it_is_behind_and_keeps_the_line_open():
    sealer_seen(timedelta(hours=1))
    answer = Client().get("/healthz")
    assert answer.json()["ledger"] == "3600 s behind"
    sealer_seen(timedelta(), ["witness 2 away"])
    assert Client().get("/healthz").json()["ledger"] == "witness 2 away"
    sealer_seen(timedelta())
    assert Client().get("/healthz").json()["ledger"] == "ok"
    assert answer.status_code == Client().get("/healthz").status_code


def test_every_console_hears_of_it():
    assert "ledger" in FOR_ALL
