"""The public data sets, and a fresh memory of existence for each test."""

import pytest

from amparo_estimation.existence import Existence


@pytest.fixture
def existence() -> Existence:
    return Existence()
