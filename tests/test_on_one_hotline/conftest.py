"""One hotline and one browser for these files: each has people, pages or calls of its own.

The file whose test tries many wrong codes is the last by its name: afterwards every code of this machine needs work.
"""

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
