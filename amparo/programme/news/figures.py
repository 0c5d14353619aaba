"""Numbers in a note: markers in its text, and the published figures that stand for them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

MARKER = re.compile(r"\{([a-z_]+/[a-z0-9_]+)\}")


@dataclass(frozen=True)
class Citation:
    """One published number: its table, its cell or "total", its value and the edition that it is of."""

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
    def of(cls, written: Mapping[str, Any]) -> Self:
        return cls(**written)


def markers(texts: Iterable[str]) -> list[str]:
    """The markers of these texts, each once, in order."""
    return list(dict.fromkeys(found for text in texts for found in MARKER.findall(text)))


@dataclass(frozen=True)
class Piece:
    """A part of a paragraph: text, or the citation that replaces a marker."""

    text: str = ""
    citation: Citation | None = None


def pieces(text: str, citations: Mapping[str, Citation]) -> list[Piece]:
    """Split a paragraph at its markers. A marker without a citation stays as it is written."""
    found = []
    for place, part in enumerate(MARKER.split(text)):
        if place % 2:
            cited = citations.get(part)
            found.append(Piece(citation=cited) if cited else Piece("{" + part + "}"))
        elif part:
            found.append(Piece(part))
    return found


def as_json(citations: Mapping[str, Citation]) -> dict[str, Any]:
    return {marker: asdict(citation) for marker, citation in citations.items()}
