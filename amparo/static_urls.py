"""URLs of styles, scripts and pictures. Each names a digest of all of them, so a browser asks for a file once.

    /static/3f2a9c0b1d4e/core/base.css

The digest stands before the file's name: scripts import each other by relative paths, so they need no change. After an
update all URLs are new. One with another digest, or with none, still works, and is asked for again each time.
"""

import functools
import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest

from .static_files import COMPRESS, ROOT

KEEP = "max-age=31536000, immutable"  # seconds: a year
_DIGEST = re.compile(r"[0-9a-f]{12}/")


class DigestStorage(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        return super().url(f"{digest_of_files()}/{name}")


@functools.cache
def digest_of_files(root: Path = ROOT) -> str:
    """Return the digest of all static files, as they are when this process first needs it."""
    digest = hashlib.sha256()
    for file in sorted(root.glob("*/*/static/**/*")):
        if file.is_file() and file.suffix not in COMPRESS:
            digest.update(f"{file.relative_to(root)} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def take_digest(request: HttpRequest) -> bool:
    """Take the digest out of the path of a request for a file. Return whether it is that of the files as they are."""
    name = request.path_info.removeprefix(settings.STATIC_URL)
    if name == request.path_info or not _DIGEST.match(name):
        return False
    digest, _slash, rest = name.partition("/")
    request.path_info = settings.STATIC_URL + rest
    return digest == digest_of_files()
