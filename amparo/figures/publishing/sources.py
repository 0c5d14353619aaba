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


def sheet_of(document: Document, table: Table) -> Source:
    """Return the name and the address of the public page that shows this table. `document`: of an edition or a year."""
    code = YearCode.read(document["edition"])
    name = (
        _("Year %(year)s, revision %(revision)s") % {"year": code.year, "revision": code.revision}
        if code
        else _("Edition %(edition)s, snapshot %(snapshot)s") % document
    )
    return Source(name, f"{settings.ENVIRONMENT.public_root}figures/{document['edition']}#{table}")


def sheets(documents: Iterable[Document], table: Table) -> Iterator[Source]:
    """The sheets of a table that public pages draw: none where it is not shown at all, or was not counted yet."""
    for document in documents:
        written = document["tables"].get(table.value)
        if written and written["total"] is not None:
            yield sheet_of(document, table)


def names(sources: Iterable[Source]) -> str:
    return "; ".join(source.name for source in sources)
