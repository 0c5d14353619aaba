"""One hotline and one browser for these files, which look and type: each has people or pages of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.hotline import Hotline, hotline


@pytest.fixture(scope="package")
def line() -> Iterator[Hotline]:
    with hotline() as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """While it runs, no test of this process may use the database directly."""
    with chromium() as running:
        yield running
