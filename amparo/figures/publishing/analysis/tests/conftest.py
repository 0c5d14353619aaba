import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import discard_edition, draft_edition, publish_edition
from amparo.figures.publishing.safe_tables import edition_document
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access.models import Agency, Kind, Role, User

# Contacts by department in the quarters of 2024. From Ucayali one called in the second quarter and many in the others.
QUARTERS = (
    {"15": 40, "08": 20, "25": 11, "22": 4, "": 60},
    {"15": 50, "08": 30, "25": 1, "22": 5, "": 70},
    {"15": 60, "08": 20, "25": 12, "22": 3, "": 60},
    {"15": 70, "08": 20, "25": 13, "22": 4, "": 60},
)


@pytest.fixture
def alba(db: None) -> User:
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    return User.objects.create(username="alba", first_name="Alba S.", role=Role.ANALYST, agency=ministry)


@pytest.fixture
def publish(called, paula, bruno, now) -> Callable[..., Edition]:
    """Record these contacts in a quarter of 2024, and publish its edition."""

    def publish_one(number: int, places: dict[str, int]) -> Edition:
        quarter = Quarter(date(2024, 3 * number - 2, 1))
        for ubigeo, many in places.items():
            called(many, ubigeo, at=quarter.ends - timedelta(days=40))
        return publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)

    return publish_one


@pytest.fixture
def publish_older(called, paula, bruno, now) -> Callable[..., Edition]:
    """Publish a quarter of 2024 as a version did that did not count this table yet."""

    def publish_one(number: int, table: Table) -> Edition:
        quarter = Quarter(date(2024, 3 * number - 2, 1))
        draft = draft_edition(quarter, by=paula, now=now)
        counts = {name: cells for name, cells in draft.snapshot.counts.items() if name != table}
        discard_edition(draft, by=paula, now=now)
        with connection.cursor() as cursor:
            cursor.execute("select encode(sha256(convert_to(%s::jsonb::text, 'UTF8')), 'hex')", [json.dumps(counts)])
            (checksum,) = cursor.fetchone()
        of = {"first_day": quarter.first, "months": quarter.length}
        snapshot = Snapshot.objects.create(**of, counts=counts, checksum=checksum, taken_at=now, taken_by=paula)
        edition = Edition(**of, snapshot=snapshot, drafted_at=now, drafted_by=paula)
        document = edition_document(edition)
        del document["tables"][table.value]
        edition.document, edition.published_at, edition.published_by = document, now, bruno
        edition.save()
        return edition

    return publish_one


@pytest.fixture
def a_year(publish) -> list[Edition]:
    return [publish(number, places) for number, places in enumerate(QUARTERS, start=1)]
