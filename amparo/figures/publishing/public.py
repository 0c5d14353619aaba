"""Published editions and years as files, for the public pages. Each stays at its own address, superseded or not."""

import re
from dataclasses import dataclass
from datetime import date

from amparo.figures.snapshot.months import KINDS, CalendarYear, Month, Months, Quarter, period_of
from amparo.foundation.core import published_documents as documents

from .models import Edition, Year, YearCode
from .safe_tables import Document
from .years import public_document

FOLDER = "figures"
NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{1,2})-(\d{1,18})")


@dataclass(frozen=True)
class PublicEdition:
    """A published edition or year, described by the name of its file alone: to list them, no file is opened."""

    period: Months
    number: int  # of an edition; of a year its revision
    newest: int  # the number of the newest edition of the same months

    @property
    def code(self) -> str:
        """The code in addresses: "12" for an edition, "2026-1" for a year."""
        return self._code_of(self.number)

    @property
    def superseded_by(self) -> str | None:
        return self._code_of(self.newest) if self.number < self.newest else None

    @property
    def is_of_a_year(self) -> bool:
        return isinstance(self.period, CalendarYear)

    def _code_of(self, number: int) -> str:
        return str(YearCode(self.period.first.year, number) if self.is_of_a_year else number)

    @property
    def is_of_a_month(self) -> bool:
        return isinstance(self.period, Month)

    @property
    def document(self) -> Document | None:
        """The content of the file. None: it is unreadable."""
        return documents.read_document(FOLDER, _file_name(self.period, self.number))


def editions() -> list[PublicEdition]:
    """Return all published editions and years: the newest year first, then the newest months and editions."""
    found = [(period_of(date.fromisoformat(it[1]), int(it[2])), int(it[3])) for it in _matching_file_names()]
    newest: dict[Months, int] = {}
    for period, number in found:
        newest[period] = max(number, newest.get(period, 0))
    listed = [PublicEdition(period, number, newest[period]) for period, number in found]
    return sorted(
        listed, key=lambda it: (it.period.first.year, it.is_of_a_year, it.period.first, it.number), reverse=True
    )


def leading_edition(listed: list[PublicEdition]) -> PublicEdition | None:
    """Return what the page of figures leads with: the newest quarter or year that shows the count of a cell.

    A month is small and hides nearly all, so it leads only where no quarter or year shows one. Of a quarter and a year
    that end on the same day, the quarter leads. None: nothing is published.
    """
    long = [it for it in listed if not it.is_of_a_month and not it.superseded_by]
    newest_first = sorted(long, key=lambda it: (it.period.first_day_after, not it.is_of_a_year), reverse=True)
    newest = next((it for it in listed if not it.is_of_a_year), None)
    return next((it for it in newest_first if _shows_a_cell(it.document)), newest)


def _shows_a_cell(document: Document | None) -> bool:
    return document is not None and any(any(table["cells"].values()) for table in document["tables"].values())


def latest_document() -> Document | None:
    """Return the document of the latest edition of a month or quarter. None: there is none, or it is unreadable."""
    newest = next((it for it in editions() if not it.is_of_a_year), None)
    return newest.document if newest else None


def write_document(document: Document) -> None:
    """Write the file of an edition or year. If that fails, the next start of Amparo writes it."""
    documents.write_document(FOLDER, _file_name_of(document), document)


def rewrite() -> None:
    """Write all files again from the database. Runs at each start, because a restored home has no files."""
    found = [*Edition.objects.published().values_list("document", flat=True)]
    found += map(public_document, Year.objects.select_related("supersedes"))
    documents.replace_documents(FOLDER, {_file_name_of(document): document for document in found if document})


def _matching_file_names() -> list[re.Match[str]]:
    found = [NAME.fullmatch(name) for name in documents.document_names(FOLDER)]
    return [it for it in found if it and int(it[2]) in KINDS]


def _file_name_of(document: Document) -> str:
    period = period_of(date.fromisoformat(document["first_day"]), document.get("months", Quarter.length))
    year = YearCode.parse(document["edition"])
    return _file_name(period, year.revision if year else document["edition"])


def _file_name(period: Months, number: int | str) -> str:
    return f"{period.first.isoformat()}-{period.length}-{number}"
