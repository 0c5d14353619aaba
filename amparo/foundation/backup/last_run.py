"""When this home was last backed up, and restored: a file in the home that every process of ours may read.

It holds moments and a size, nothing else. A backup that was made by other means is not in it.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class LastRun:
    """When this home was last backed up, checked and restored: in ISO 8601, UTC; blank: never."""

    made_at: str = ""
    size: int = 0  # bytes, of both files
    checked_at: str = ""  # when this backup was restored to check it
    tried_at: str = ""  # when a backup of this home was last opened with an identity that the administrator brought
    restored_at: str = ""  # when this home was restored from a backup
    restored_as_of: str = ""  # when that backup was made

    def moment(self, name: str) -> datetime | None:
        """Return the field of this name as a datetime; None: never."""
        return datetime.fromisoformat(at) if (at := getattr(self, name)) else None


def read_last_run(home: Path) -> LastRun:
    """Read when this home was last backed up and restored; all blank if the file is absent or damaged."""
    try:
        return LastRun(**json.loads(_path(home).read_bytes()))
    except (OSError, ValueError, TypeError):
        return LastRun()


def note_backup(home: Path, *, at: datetime, size: int, checked_at: datetime | None, is_tried: bool = False) -> None:
    """Record a backup. `is_tried`: it was checked with an identity that the administrator brought."""
    checked = checked_at.isoformat(timespec="seconds") if checked_at else ""
    last = replace(read_last_run(home), made_at=at.isoformat(timespec="seconds"), size=size, checked_at=checked)
    _write(home, replace(last, tried_at=checked) if is_tried else last)


def note_restore(home: Path, *, at: datetime, as_of: str) -> None:
    """Record a finished restore. `as_of`: when the backup was made, as its head states."""
    _write(home, LastRun(restored_at=at.isoformat(timespec="seconds"), restored_as_of=as_of))


def _write(home: Path, last: LastRun) -> None:
    new = _path(home).with_suffix(".new")
    new.write_text(json.dumps(asdict(last)))
    new.chmod(0o644)
    os.replace(new, _path(home))


def _path(home: Path) -> Path:
    return home / "run" / "last-backup.json"
