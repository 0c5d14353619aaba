"""Documents for the public pages, as JSON files in the home. Public pages read files, because they never ask the
database. A document is gone from every page, in every language, as soon as its file is removed.
"""

import json
import logging
import os
import re
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

from .atomic_files import make_folder, sync_folder, write_once

type Document = dict[str, Any]  # plain JSON values

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")

log = logging.getLogger(__name__)


def write_document(folder: str, name: str, document: Document) -> None:
    """Write or replace a document. If the disk is full, the former one stays and the log says so."""
    path = _path(folder, name)
    new = path.with_name(f"{secrets.token_hex(8)}.new")
    try:
        write_once(new, json.dumps(document, ensure_ascii=False).encode())
        os.replace(new, path)
    except OSError as trouble:
        new.unlink(missing_ok=True)
        log.error("A public document could not be written to %s: %s", path, trouble.strerror)


def remove_document(folder: str, name: str) -> None:
    """Remove a document; when this returns, no page shows it. A missing one is no error. Raises OSError."""
    path = _path(folder, name)
    path.unlink(missing_ok=True)
    if path.parent.exists():
        sync_folder(path.parent)


def read_document(folder: str, name: str) -> Document | None:
    """Return a document; None if there is none, the name cannot be one, or the file is unreadable."""
    if not NAME.fullmatch(name):
        return None
    try:
        found = json.loads(_path(folder, name).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def document_names(folder: str) -> list[str]:
    """The names of all documents of a folder, in alphabetical order."""
    place = _folder(folder)
    return sorted(path.stem for path in place.glob("*.json")) if place.exists() else []


def replace_documents(folder: str, documents: dict[str, Document]) -> None:
    """Write these documents, and remove all others of the folder.

    Each start does this, because a restored home has them in the database alone. A document that cannot be written is
    logged, and does not stop the start.
    """
    for name in set(document_names(folder)) - set(documents):
        remove_document(folder, name)
    for name, document in documents.items():
        if NAME.fullmatch(name):
            write_document(folder, name, document)
        else:
            log.error("A document of the folder %s is not public: its name cannot be one.", folder)


def _folder(folder: str) -> Path:
    return settings.ENVIRONMENT.home / "published" / folder


def _path(folder: str, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise ValueError("a document's name has small letters, digits and hyphens")
    place = _folder(folder)
    make_folder(place)
    return place / f"{name}.json"
