"""What the tests of all rooms of this wing share."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from amparo.foundation.access.models import User


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are looked for as they are written in the code."""
    with translation.override("en"):
        yield


@pytest.fixture
def stranger(rufino: User) -> User:
    """An operator who takes no part in it."""
    return rufino
