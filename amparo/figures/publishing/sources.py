"""Where a published number stands: the public page of its edition or year, at the sheet of its table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from amparo.figures.snapshot.tables import Table

from .models import YearCode
from .safe_tables import Document


@dataclass(frozen=True)
class Source:
    name: str
    address: str


def source_of_sheet(document: Document, table: Table) -> Source:
    """Return the public page that shows this table of an edition or year, with the address of its sheet."""
    code = YearCode.parse(document["edition"])
    name = (
        _("Year %(year)s, revision %(revision)s") % {"year": code.year, "revision": code.revision}
        if code
        else _("Edition %(edition)s, snapshot %(snapshot)s") % document
    )
    return Source(name, f"{settings.ENVIRONMENT.public_root}figures/{document['edition']}#{table}")


def sources_of_table(documents: Iterable[Document], table: Table) -> Iterator[Source]:
    """Yield the source of a table in each document that shows its total."""
    for document in documents:
        written = document["tables"].get(table.value)
        if written and written["total"] is not None:
            yield source_of_sheet(document, table)


def joined_names(sources: Iterable[Source]) -> str:
    return "; ".join(source.name for source in sources)
