"""/healthz names each part to this machine and under the staff name; others learn only whether the line answers."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amparo.screens import health

pytestmark = pytest.mark.django_db
STRANGER, MACHINE, OWN = "203.0.113.7", "127.0.0.1", "192.0.2.5"


@pytest.fixture(autouse=True)
def two_names(settings, monkeypatch):
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, public_host="help.example", staff_host="staff.example", web_hosts=(OWN,)
    )
    monkeypatch.setattr(health, "_latest", health.LatestAnswer())


def parts(address: str, **headers: str) -> set[str]:
    answer = Client(REMOTE_ADDR=address).get("/healthz", headers=headers)
    assert answer.status_code == 503  # neither switchboard nor worker runs in this test
    assert answer.json()["status"] == "degraded"
    return set(answer.json())


@pytest.mark.parametrize("host", ["192.0.2.5:8000", "203.0.113.1"])
def test_a_stranger_learns_only_whether_the_line_answers(host):
    assert parts(STRANGER, Host=host) == {"status"}


def test_what_a_web_server_forwards_is_a_strangers_also_from_loopback():
    assert parts(MACHINE, Host="203.0.113.1", **{"X-Forwarded-For": STRANGER}) == {"status"}
    assert parts(MACHINE, Host="203.0.113.1", Forwarded=f"for={STRANGER}") == {"status"}


@pytest.mark.parametrize(
    ("address", "host"), [(MACHINE, "127.0.0.1:8000"), (OWN, "192.0.2.5:8000"), (STRANGER, "staff.example")]
)
def test_this_machine_and_a_monitor_under_the_staff_name_learn_each_part(address, host):
    assert parts(address, Host=host) >= {"status", "database", "switchboard", "worker", "ledger", "backup", "disk"}


def test_a_hundred_strangers_cost_the_database_no_more_than_one(monkeypatch):
    monkeypatch.setattr(health, "REPEATED", 3600)  # instead of five seconds, which a slow machine may need
    parts(STRANGER, Host="203.0.113.1")
    with CaptureQueriesContext(connection) as queries:
        for number in range(100):
            parts(f"203.0.113.{number}", Host="203.0.113.1")
    assert len(queries) == 0
