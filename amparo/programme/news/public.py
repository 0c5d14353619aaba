"""Notes on the public pages, as files. A note under embargo is not there before its hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from amparo.foundation.core import published_documents as documents

from .figures import Citation, Piece, as_json, pieces
from .models import Note

FOLDER = "news"


@dataclass(frozen=True)
class PublicNote:
    """A published note in one language."""

    document: documents.Document
    language: str

    @property
    def slug(self) -> str:
        return str(self.document["slug"])

    @property
    def title(self) -> str:
        return str(self._words["title"])

    @property
    def lead(self) -> str:
        return str(self._words["lead"])

    @property
    def published_at(self) -> datetime:
        """When it became public: when it was published, or when its embargo ended."""
        return _moment(self.document["public_from"])

    @property
    def citations(self) -> dict[str, Citation]:
        return {marker: Citation.of(written) for marker, written in self.document["citations"].items()}

    @property
    def cited(self) -> list[Citation]:
        """The numbers of this language's text, each once."""
        found = [piece.citation for paragraph in self.paragraphs for piece in paragraph if piece.citation]
        return list(dict.fromkeys(found))

    @property
    def paragraphs(self) -> list[list[Piece]]:
        citations = self.citations
        return [pieces(each.strip(), citations) for each in self._words["text"].split("\n\n") if each.strip()]

    @property
    def text_language(self) -> str:
        """The language of the note's text: Spanish if the note has no text in the page's language."""
        return self.language if self.language in self.document["texts"] else "es"

    @property
    def _words(self) -> dict[str, Any]:
        texts: dict[str, dict[str, Any]] = self.document["texts"]
        return texts[self.text_language]


def note(slug: str, language: str, now: datetime) -> PublicNote | None:
    document = documents.read(FOLDER, slug)
    return PublicNote(document, language) if document and _moment(document["public_from"]) <= now else None


def notes(language: str, now: datetime) -> list[PublicNote]:
    """All notes that are public now, newest first."""
    return sorted(_notes(language, now), key=lambda each: each.published_at, reverse=True)


def _notes(language: str, now: datetime) -> Iterator[PublicNote]:
    for name in documents.names(FOLDER):
        if found := note(name, language, now):
            yield found


def write(document: documents.Document | None) -> None:
    if document:
        documents.put(FOLDER, str(document["slug"]), document)


def rewrite() -> None:
    """Write all published notes again, at each start."""
    found = {each.slug: each.document for each in Note.objects.published() if each.document}
    documents.replace_all(FOLDER, found)


def document_of(note: Note, citations: dict[str, Citation], now: datetime) -> documents.Document:
    public_from = max(now, note.embargo_until) if note.embargo_until else now
    return {
        "slug": note.slug, "place": note.place, "contact": note.contact, "texts": note.texts(),
        "testimony": note.testimony.code if note.testimony else "", "public_from": public_from.isoformat(),
        "citations": as_json(citations),
    }  # fmt: skip


def _moment(written: str) -> datetime:
    moment = parse_datetime(written)
    assert moment is not None
    return moment
