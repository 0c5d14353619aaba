"""Compile the catalogues: Django reads a `.mo` file beside each `.po` file, and only `.po` files are committed.

`amparo run`, the tests, `make` and packaging call this module, so nobody has to think of it.
English has no catalogue: the message ids are the English words.
"""

import os
import tempfile
from pathlib import Path

import polib

LOCALE = Path(__file__).parent / "locale"


def compile_stale(locale: Path = LOCALE) -> list[Path]:
    """Compile each catalogue that is newer than its compiled file or has none; return the compiled files.

    The new file takes the old one's place in one step, so several processes may compile at once.
    Raises `OSError` where the folder may not be written.
    """
    stale = [source for source in sorted(locale.glob("*/LC_MESSAGES/*.po")) if _is_stale(source)]
    return [_compile(source) for source in stale]


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    compiled = source.with_suffix(".mo")
    descriptor, unfinished = tempfile.mkstemp(dir=source.parent, suffix=".mo.new")
    with os.fdopen(descriptor, "wb") as file:
        file.write(polib.pofile(str(source)).to_binary())
    Path(unfinished).chmod(0o644)  # other accounts read it: each process may have one of its own
    os.replace(unfinished, compiled)
    return compiled


if __name__ == "__main__":
    compile_stale()
