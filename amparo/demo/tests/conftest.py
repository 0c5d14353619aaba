"""A real hotline whose prompts are short, one busy minute in it, and one call back: played once, told by many tests."""

import os
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from amparo.line.switchboard.prompts.library import LOCAL
from amparo.line.switchboard.prompts.manifest import Manifest
from tests.hotline import Hotline, furnish, hotline

from . import minute

SHORT = 0.5  # seconds


@pytest.fixture(scope="package")
def line() -> Iterator[Hotline]:
    home = Path(tempfile.mkdtemp(prefix="amparo-minute-", dir="/tmp"))
    furnish(home)
    shorten(home / LOCAL)
    with hotline(home) as running:
        yield running


@pytest.fixture(scope="package")
def played(line: Hotline) -> minute.Played:
    return line.do(minute.play)


@pytest.fixture(scope="package")
def called_back(line: Hotline, played: minute.Played) -> minute.CalledBack:
    return line.do(minute.call_back)


def shorten(folder: Path) -> None:
    """The hotline's own recordings: half a second of noise each, and each another noise."""
    noise = np.random.default_rng(1)
    for id, language in Manifest().prompts:
        if language in ("es-PE", "en"):
            os.makedirs(folder / language, exist_ok=True)
            with wave.open(str(folder / language / f"{id}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(noise.integers(-6000, 6000, round(8000 * SHORT), np.int16).tobytes())
