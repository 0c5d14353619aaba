"""One hotline for all of these tests, and a backup of it."""

import pytest

from tests.backups import Safe, back_up, plant
from tests.hotline import Hotline
from tests.hotline import hotline as running
from tests.test_backup.doing import CONTACTS


@pytest.fixture(scope="package")
def safe(tmp_path_factory):
    return Safe(tmp_path_factory.mktemp("safe"))


@pytest.fixture(scope="package")
def house(tmp_path_factory, safe):
    """A hotline in which people were heard, and a backup of it, made while it ran."""
    folder = tmp_path_factory.mktemp("backups")
    with running() as it:
        it.pages = it.do(plant, CONTACTS)
        it.data, it.keys = folder / "data", folder / "keys"
        it.output = back_up(it, safe, it.data, it.keys)
        assert it.health()["status"] == "ok"
        yield it


@pytest.fixture
def elsewhere():
    """An empty home on another day."""
    it = Hotline()
    try:
        yield it
    finally:
        it.clear_away()
