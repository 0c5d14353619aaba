"""Browsers of the people of a call: an operator at the desk, colleagues, and somebody who calls."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import new_session
from tests.hotline import Hotline

from . import scenes
from .steps import COUNT_VOICES, a_context


@pytest.fixture
def ear() -> str:
    """The script that listens in each of these browsers; a module may have another."""
    return COUNT_VOICES


@pytest.fixture
def desk(browser: Browser, line: Hotline, ear: str) -> Iterator[BrowserContext]:
    """The browser of Ana, who is signed in and ready. Nobody calls."""
    line.do(scenes.quiet)
    with a_context(browser, ear) as context:
        new_session(context, line, "Ana F.")
        yield context


@pytest.fixture
def office(browser: Browser, ear: str) -> Iterator[BrowserContext]:
    """The browser of a supervisor or of a colleague."""
    with a_context(browser, ear) as context:
        yield context


@pytest.fixture
def other_office(browser: Browser, ear: str) -> Iterator[BrowserContext]:
    with a_context(browser, ear) as context:
        yield context


@pytest.fixture
def phone(browser: Browser, line: Hotline, ear: str) -> Iterator[BrowserContext]:
    """The browser of a caller. Their call ends with the test: a call whose page is only closed is noticed after
    half a minute, and the next is refused.
    """
    with a_context(browser, ear) as context:
        yield context
        for page in context.pages:
            page.goto("about:blank")
        line.do(scenes.calls_end)
