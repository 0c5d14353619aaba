"""What the tests of all rooms of this wing share."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from amparo.foundation.access.models import User


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Run each test in English: tests look for sentences as the code has them."""
    with translation.override("en"):
        yield


@pytest.fixture
def stranger(rufino: User) -> User:
    """An operator who has no part in the case."""
    return rufino
