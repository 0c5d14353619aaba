"""The texts that Amparo ships: a Markdown file for each page and language, whose first line is the title."""

import functools
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "shipped"


class Words(NamedTuple):
    title: str
    body: str


@functools.cache
def shipped_text(page: str, language: str) -> Words | None:
    """Return the title and body that Amparo ships for a page. None: nothing is shipped in this language."""
    path = FOLDER / f"{page}.{language}.md"
    if not path.exists():
        return None
    title, _newline, body = path.read_text().partition("\n")
    return Words(title.removeprefix("# "), body.strip())
