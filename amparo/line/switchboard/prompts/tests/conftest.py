import shutil
from pathlib import Path

import pytest

from amparo.line.switchboard.prompts.library import LOCAL, Library
from amparo.line.switchboard.prompts.manifest import SHIPPED, Manifest


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped prompts that a test may damage."""
    return shutil.copytree(SHIPPED, tmp_path / "prompts", ignore=shutil.ignore_patterns("*.py", "tests", "__pycache__"))


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """The folder of the hotline's own recordings, empty at first."""
    folder = tmp_path / LOCAL
    folder.mkdir()
    return folder


@pytest.fixture
def library(copy: Path, tmp_path: Path):
    """Load the copy and the hotline's own recordings as they are now."""
    return lambda: Library(tmp_path, Manifest(copy))


@pytest.fixture
def record(local: Path):
    """Add an own recording of the hotline: any other shipped sound serves as its voice."""

    def record(id: str, language: str, sound: str = "any/beep") -> Path:
        target = local / language / f"{id}.wav"
        target.parent.mkdir(exist_ok=True)
        return Path(shutil.copy(SHIPPED / f"{sound}.wav", target))

    return record
