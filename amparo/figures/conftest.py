"""Fixtures that all rooms of this wing share: two publishers, and contacts within one quarter."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from amparo.figures.publishing.public import FOLDER
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.rules import newest_countable_quarter
from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents
from amparo.line.contacts.picklists import Type
from tests.contacts import record_contacts

NOW = timezone.now()  # real time, because the database checks with its own clock that the quarter is over
IN_THE_QUARTER = newest_countable_quarter(NOW).ends - timedelta(days=40)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Tests compare sentences with the English message ids."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_published() -> Iterator[None]:
    published_documents.replace_documents(FOLDER, {})
    yield
    published_documents.replace_documents(FOLDER, {})


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def quarter() -> Quarter:
    return newest_countable_quarter(NOW)


@pytest.fixture
def called(ana: User) -> Callable[..., None]:
    """Record that many contacts, from one place, all wrapped up."""

    def call(many: int, ubigeo: str = "", type: str = Type.CRISIS, at: datetime = IN_THE_QUARTER, **more: str) -> None:
        record_contacts(ana, [at] * many, type=type, ubigeo=ubigeo, ended=at + timedelta(hours=1), **more)

    return call
