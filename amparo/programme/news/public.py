"""Notes on the public pages, as files. A note under embargo is not returned before its hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from amparo.foundation.core import published_documents as documents

from .figures import Citation, Piece, citations_as_json, citations_of, split_at_markers
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
        return "".join(map(str, self._pieces("title")))

    @property
    def lead(self) -> str:
        return "".join(map(str, self.lead_pieces))

    @property
    def lead_pieces(self) -> list[Piece]:
        return self._pieces("lead")

    @property
    def published_at(self) -> datetime:
        """When it became public: when it was published, or when its embargo ended."""
        return _parse_moment(self.document["public_from"])

    @property
    def citations(self) -> dict[str, Citation]:
        return citations_of(self.document)

    @property
    def cited_figures(self) -> list[Citation]:
        """The published figures that the note in this language cites, without repetition."""
        parts = [self._pieces("title"), self.lead_pieces, *self.paragraphs]
        found = [piece.citation for part in parts for piece in part if piece.citation]
        return list(dict.fromkeys(found))

    @property
    def paragraphs(self) -> list[list[Piece]]:
        citations = self.citations
        return [split_at_markers(each.strip(), citations) for each in self._words["text"].split("\n\n") if each.strip()]

    @property
    def text_language(self) -> str:
        """The language of the note's text: Spanish if the note has no text in the page's language."""
        return self.language if self.language in self.document["texts"] else "es"

    def _pieces(self, part: str) -> list[Piece]:
        return split_at_markers(str(self._words[part]), self.citations)

    @property
    def _words(self) -> dict[str, Any]:
        texts: dict[str, dict[str, Any]] = self.document["texts"]
        return texts[self.text_language]


def note(slug: str, language: str, now: datetime) -> PublicNote | None:
    """Return a note that is public now. None: there is none, it is under embargo, or it was withdrawn."""
    document = documents.read_document(FOLDER, slug)
    if document is None or "withdrawn_at" in document or _parse_moment(document["public_from"]) > now:
        return None
    return PublicNote(document, language)


def withdrawn_at(slug: str, now: datetime) -> datetime | None:
    """Return when a note was withdrawn. None: it was not, or it is not public yet."""
    document = documents.read_document(FOLDER, slug)
    if document is None or "withdrawn_at" not in document or _parse_moment(document["public_from"]) > now:
        return None
    return _parse_moment(document["withdrawn_at"])


def notes(language: str, now: datetime) -> list[PublicNote]:
    """Return all notes that are public now, newest first."""
    return sorted(_notes(language, now), key=lambda each: each.published_at, reverse=True)


def _notes(language: str, now: datetime) -> Iterator[PublicNote]:
    for name in documents.document_names(FOLDER):
        if found := note(name, language, now):
            yield found


def write_note(note: Note) -> None:
    """Write the public file of a published or withdrawn note, from its row. The caller has locked the row."""
    if document := _public_document(note):
        documents.write_document(FOLDER, note.slug, document)


def withdraw_note(note: Note) -> None:
    """Replace a note's public words by the moment of its withdrawal. Raises `OSError` if they cannot be removed."""
    documents.remove_document(FOLDER, note.slug)
    write_note(note)


def rewrite() -> None:
    """Write the files of all published notes again. Runs at each start."""
    found = {each.slug: _public_document(each) for each in Note.objects.published()}
    documents.replace_documents(FOLDER, {slug: document for slug, document in found.items() if document})


def _public_document(note: Note) -> documents.Document | None:
    """Return the content of a published note's file. None: it was withdrawn under embargo, so nobody ever read it."""
    if note.withdrawn_at is None or note.document is None:
        return note.document
    public_from = note.document["public_from"]
    if _parse_moment(public_from) > note.withdrawn_at:
        return None
    return {"slug": note.slug, "public_from": public_from, "withdrawn_at": note.withdrawn_at.isoformat()}


def note_document(note: Note, citations: dict[str, Citation], now: datetime) -> documents.Document:
    public_from = max(now, note.embargo_until) if note.embargo_until else now
    return {
        "slug": note.slug, "place": note.place, "contact": note.contact, "texts": note.texts(),
        "testimony": note.testimony.code if note.testimony else "", "public_from": public_from.isoformat(),
        "citations": citations_as_json(citations),
    }  # fmt: skip


def _parse_moment(written: str) -> datetime:
    moment = parse_datetime(written)
    assert moment is not None
    return moment
