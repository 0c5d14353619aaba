import pytest

from .shelter import Line


@pytest.fixture
def line(db) -> Line:
    """A placement that is held."""
    return Line()


@pytest.fixture
def active(line) -> Line:
    """Approved by two."""
    line.approve()
    return line
