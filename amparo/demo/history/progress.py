"""How far the invented months are built: a file in the home that every process of ours may read."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class BuildProgress:
    """How far a build of the invented months is, how many months it builds, and which moment is its present."""

    moment: str  # the present of the months, in ISO 8601: the same at each start, so that the recipe is
    months: int
    built: int  # calls
    planned: int
    is_complete: bool = False
    earlier: int = 0  # months before them, of which only figures are made

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.moment)

    @property
    def percent(self) -> int:
        return 100 * self.built // max(self.planned, 1)


def read_progress() -> BuildProgress | None:
    """Read the progress file. None: no build was begun here."""
    try:
        return BuildProgress(**json.loads(_path().read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write_progress(progress: BuildProgress) -> None:
    new = _path().with_suffix(".new")
    new.write_text(json.dumps(asdict(progress)))
    new.chmod(0o644)  # it says nothing but numbers
    os.replace(new, _path())


def _path() -> Path:
    return settings.ENVIRONMENT.home / "run" / "demo-history.json"
