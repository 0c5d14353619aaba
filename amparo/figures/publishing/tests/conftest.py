from datetime import timedelta

import pytest

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition

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
