"""The newest published edition, as a file in the home. Public pages read it, because they never ask the database."""

import json
import logging
import os
import secrets
from pathlib import Path

from django.conf import settings

from amparo.foundation.core.atomic_files import write_once

from .models import Edition
from .safe_tables import Document

log = logging.getLogger(__name__)


def place() -> Path:
    return settings.ENVIRONMENT.home / "figures" / "latest.json"


def put(document: Document | None) -> None:
    """Replace the file. If it cannot be written, the old one stays; the next start of Amparo writes it again."""
    here = place()
    new = here.with_name(f"{secrets.token_hex(8)}.json")
    try:
        write_once(new, json.dumps(document, ensure_ascii=False).encode())
        os.replace(new, here)
    except OSError as trouble:
        new.unlink(missing_ok=True)
        log.error("The published figures could not be written to %s: %s", here, trouble.strerror)


def latest() -> Document | None:
    """Return the published document; None if nothing was published, or the file is unreadable."""
    try:
        found = json.loads(place().read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def rewrite() -> None:
    """Write the file again from the database, at each start: a restored home has its editions in the database alone."""
    edition = Edition.objects.last_word()
    if edition or place().exists():
        put(edition.document if edition else None)
