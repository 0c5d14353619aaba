"""A connection that is lost in a transaction is reported at once, and nothing of the transaction is kept."""

import os
from socket import SHUT_RDWR, socket

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from procrastinate.exceptions import ConnectorException

from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core import jobs

pytestmark = pytest.mark.django_db(transaction=True)


def add(name: str) -> None:
    Agency.objects.create(name=name, kind=Kind.NGO)


@transaction.atomic
def lose_the_connection(has_begun: bool) -> None:
    """After the first statement of a transaction or before it; then continue."""
    if has_begun:
        add("Inventada A")
    connection.ensure_connection()
    with socket(fileno=os.dup(connection.connection.pgconn.socket)) as link:
        link.shutdown(SHUT_RDWR)
    with transaction.atomic():
        add("Inventada B")


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_connection_that_died_is_reported_as_an_unreachable_database(has_begun):
    """Pages answer with a 503, and the journal of the calls writes again."""
    with pytest.raises(OperationalError):
        lose_the_connection(has_begun)
    connection.close()
    assert not Agency.objects.filter(name__startswith="Inventada ").exists()


@pytest.mark.parametrize("error", [ConnectorException(), psycopg.OperationalError()])
def test_a_worker_that_lost_the_database_ends_with_a_sentence(monkeypatch, error):
    async def lose() -> None:
        raise error

    monkeypatch.setattr(jobs, "_work_on_jobs", lose)
    with pytest.raises(SystemExit, match="The worker lost the database"):
        jobs.run_worker()
