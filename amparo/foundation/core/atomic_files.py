"""Files that are complete or absent, whatever happens while they are written: a full disk, a kill, a power cut."""

import os
import secrets
from pathlib import Path
from stat import S_ISGID


def write_once(path: Path, content: bytes) -> None:
    """Write a new file; it is on disk when this returns. An existing file stays unchanged.

    Only our account can read it, or also the group of a folder that passes its group on (setgid, see home.py).
    """
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600 | _inherited_mode(path.parent) & 0o060)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        return  # another process was quicker
    finally:
        part.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, with the access that its parent passes on."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700 | _inherited_mode(folder.parent))


def _inherited_mode(folder: Path) -> int:
    mode = folder.stat().st_mode
    return mode & 0o2070 if mode & S_ISGID else 0


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that the names in it survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
