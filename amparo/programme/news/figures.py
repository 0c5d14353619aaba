"""Numbers in a note: a marker in its text is replaced by a published figure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.template.defaultfilters import floatformat

MARKER = re.compile(r"\{([^{}]*)\}")
BRACE = re.compile(r"\{[^{}]*\}?|\}")
SHOWN = 60  # characters of an unknown marker that is refused


@dataclass(frozen=True)
class Citation:
    """One published number: its table, its cell or "total", its value, and the edition that published it."""

    table: str
    cell: str
    value: int
    edition: int
    first_day: str  # of the edition's months, ISO 8601
    months: int = 3

    @property
    def marker(self) -> str:
        return f"{self.table}/{self.cell}"

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        return cls(**written)


def markers_in(texts: Iterable[str]) -> list[str]:
    """Return the markers in these texts, each once, in order of appearance."""
    return list(dict.fromkeys(found for text in texts for found in MARKER.findall(text)))


def unknown_marker(texts: Iterable[str], citations: Iterable[str]) -> str:
    """Return the first marker that is not in `citations`, with its braces, or the first unpaired brace.

    At most 60 characters of it. Blank: there is none.
    """
    known = {f"{{{marker}}}" for marker in citations}
    found = (each for text in texts for each in BRACE.findall(text) if each not in known)
    return next(found, "")[:SHOWN]


@dataclass(frozen=True)
class Piece:
    """A part of a text: words, or the citation that replaces a marker."""

    text: str = ""
    citation: Citation | None = None

    def __str__(self) -> str:
        return floatformat(self.citation.value, "0g") if self.citation else self.text


def split_at_markers(text: str, citations: Mapping[str, Citation]) -> list[Piece]:
    """Split a text at its markers. A marker without a citation stays as it is written."""
    found = []
    for place, part in enumerate(MARKER.split(text)):
        if place % 2:
            cited = citations.get(part)
            found.append(Piece(citation=cited) if cited else Piece("{" + part + "}"))
        elif part:
            found.append(Piece(part))
    return found


def citations_as_json(citations: Mapping[str, Citation]) -> dict[str, Any]:
    return {marker: asdict(citation) for marker, citation in citations.items()}


def citations_of(document: Mapping[str, Any]) -> dict[str, Citation]:
    """Return the citations in a note's document, by marker. Empty for the document of a draft."""
    return {marker: Citation.from_json(written) for marker, written in document.get("citations", {}).items()}
