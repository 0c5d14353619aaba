"""Store what providers post to us until the worker reads it: one sealed file per request, on disk before we answer 200.

The web process writes them, so nothing is lost while the database is away.
"""

import functools
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.core.atomic_files import write_once
from amparo.foundation.core.derived_keys import derive_key
from amparo.foundation.vault.keys import Box, Tampered
from amparo.foundation.vault.wrapping import keyring


def store_post(channel: str, body: bytes) -> None:
    """Store the body of a post, sealed. It is on disk when this returns."""
    name = f"{time.time_ns():020}-{secrets.token_hex(8)}"
    write_once(_folder(channel) / name, _box().seal(body, f"webhook|{channel}|{name}"))


def stored_posts(channel: str) -> Iterator[tuple[Path, bytes]]:
    """Yield the file and the body of each stored post, oldest first. The caller deletes a file once it is read.

    Files that we did not write are left out.
    """
    if not _folder(channel).is_dir():
        return
    for path in sorted(each for each in _folder(channel).iterdir() if not each.name.startswith(".")):
        try:
            yield path, _box().open(path.read_bytes(), f"webhook|{channel}|{path.name}")
        except Tampered:
            continue


def storable_text(text: str) -> str:
    """Return a text without what PostgreSQL cannot store: NULs are removed, halves of surrogate pairs become �."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _folder(channel: str) -> Path:
    return settings.ENVIRONMENT.home / "webhooks" / channel


def _box() -> Box:
    return _box_of(keyring().search_key(HOTLINE))


@functools.lru_cache(maxsize=2)
def _box_of(search_key: bytes) -> Box:
    return Box(derive_key(search_key, "webhooks"))
