import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.db import connection

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.snapshot.models import Snapshot

PLACES = {"15": 30, "08": 20, "25": 3, "": 40}  # Lima, Cusco, few from Ucayali, and many with no place


@pytest.fixture
def a_quarter(called) -> None:
    for ubigeo, many in PLACES.items():
        called(many, ubigeo)


@pytest.fixture
def draft(a_quarter, quarter, paula, now) -> Edition:
    return draft_edition(quarter, by=paula, now=now)


@pytest.fixture
def published(draft, bruno, now, django_capture_on_commit_callbacks) -> Edition:
    with django_capture_on_commit_callbacks(execute=True):
        return publish_edition(draft, by=bruno, now=now + timedelta(days=1))


@pytest.fixture
def snapshot_of(quarter, paula, now) -> Callable[[Mapping[str, Mapping[str, int]]], Snapshot]:
    """Write a snapshot of the quarter with these counts, by table and cell."""

    def write(counts: Mapping[str, Mapping[str, int]]) -> Snapshot:
        with connection.cursor() as cursor:
            cursor.execute("select encode(sha256(convert_to(%s::jsonb::text, 'UTF8')), 'hex')", [json.dumps(counts)])
            (checksum,) = cursor.fetchone()
        return Snapshot.objects.create(
            first_day=quarter.first, counts=counts, checksum=checksum, taken_at=now, taken_by=paula
        )

    return write
