"""Files that are whole or not there, whatever happens while they are written: a full disk, a kill, a power cut."""

import os
import secrets
from pathlib import Path
from stat import S_ISGID


def write_once(path: Path, content: bytes) -> None:
    """On the disk when this returns; what is there already stays as it is.

    For our account alone, or for the group of a folder that hands its group on (setgid, see home.py).
    """
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600 | _handed_on(path.parent) & 0o060)
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
    """For whom its files will be."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700 | _handed_on(folder.parent))


def _handed_on(folder: Path) -> int:
    mode = folder.stat().st_mode
    return mode & 0o2070 if mode & S_ISGID else 0


def sync_folder(folder: Path) -> None:
    """The names in it outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
