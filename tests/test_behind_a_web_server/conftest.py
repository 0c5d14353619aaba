"""One real hotline that has a web server before it. Each visitor of a test has a network of their own."""

from collections.abc import Iterator

import pytest

from tests.hotline import Hotline, hotline

PUBLIC_HOST = "help.example"


@pytest.fixture(scope="package")
def line() -> Iterator[Hotline]:
    with hotline(
        AMPARO_DEMO="0", AMPARO_PUBLIC_HOST=PUBLIC_HOST, AMPARO_STAFF_HOST="linea.example", AMPARO_PROXIES="127.0.0.1"
    ) as running:
        yield running
