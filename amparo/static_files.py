"""Compress styles, scripts and SVG pictures: beside each, write a `.br` and a `.gz` file; code loses its comments.

WhiteNoise sends the one that the browser takes. `amparo run`, `make` and packaging call this module, as they call
`catalogues`; only the sources are committed.
"""

import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import brotli
import rcssmin
import rjsmin

ROOT = Path(__file__).parent
WITHOUT_COMMENTS: dict[str, Callable[[str], str]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin, ".svg": str}
COMPRESS: dict[str, Callable[[bytes], bytes]] = {".br": brotli.compress, ".gz": gzip.compress}


def compress_stale(root: Path = ROOT) -> list[Path]:
    """Compress each file that is newer than its compressed copies or has none; return the copies written.

    A new copy takes the old one's place in one step, so several processes may compress at once.
    Raises `OSError` where a folder may not be written.
    """
    sources = (each for each in sorted(root.glob("*/*/static/**/*")) if each.suffix in WITHOUT_COMMENTS)
    return [_compress(source, suffix) for source in sources for suffix in COMPRESS if _is_stale(source, suffix)]


def compressed_copy_of(source: Path, suffix: str) -> Path:
    return source.with_name(source.name + suffix)


def _is_stale(source: Path, suffix: str) -> bool:
    copy = compressed_copy_of(source, suffix)
    return not copy.exists() or copy.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compress(source: Path, suffix: str) -> Path:
    copy = compressed_copy_of(source, suffix)
    text = WITHOUT_COMMENTS[source.suffix](source.read_text())
    descriptor, unfinished = tempfile.mkstemp(dir=source.parent, suffix=".new")
    with os.fdopen(descriptor, "wb") as file:
        file.write(COMPRESS[suffix](text.encode()))
    Path(unfinished).chmod(0o644)  # other accounts read it: each process may have one of its own
    os.replace(unfinished, copy)
    return copy


if __name__ == "__main__":
    compress_stale()
