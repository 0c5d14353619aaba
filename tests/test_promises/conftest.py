import pytest

from .shelter import Line


@pytest.fixture
def line(db) -> Line:
    """A placement that is held."""
    return Line()


@pytest.fixture
def active(line) -> Line:
    """A placement that two people approved."""
    line.approve()
    return line
