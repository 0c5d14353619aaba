"""The texts that the public reads: a published file, else the shipped text, else the Spanish text."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.markup import page_html
from amparo.line.knowledge.picklists import Language

from .models import Version
from .shipped import shipped_text

FOLDER = "texts"


@dataclass(frozen=True)
class PublicText:
    title: str
    body: str
    language: str  # of title and body: Spanish if there is no text in the visitor's language
    query: str = ""  # appended to links of the site: the chosen language

    @property
    def html(self) -> SafeString:
        return page_html(self.body, self.query)

    @property
    def is_in_quechua(self) -> bool:
        return self.language == Language.QUECHUA


def text(page: str, language: str, query: str = "") -> PublicText:
    """Return the text of a page in a visitor's language: published, else shipped, else in Spanish.

    `query` is appended to the links in it.
    """
    for candidate in (language, Language.SPANISH):
        if found := documents.read_document(FOLDER, f"{page}-{candidate}"):
            return PublicText(str(found["title"]), str(found["body"]), candidate, query)
        if words := shipped_text(page, candidate):
            return PublicText(*words, candidate, query)
    raise LookupError(f"{page} is shipped in Spanish")


def write_text(version: Version) -> None:
    documents.write_document(FOLDER, f"{version.page}-{version.language}", _document(version))


def rewrite() -> None:
    """Write the files of all published texts again. Runs at each start."""
    found = {f"{each.page}-{each.language}": _document(each) for each in Version.objects.published()}
    documents.replace_documents(FOLDER, found)


def _document(version: Version) -> documents.Document:
    return {"title": version.title, "body": version.body}
