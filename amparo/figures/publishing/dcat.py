"""An edition as a dataset of DCAT-AP 3.0 in JSON-LD, for catalogues of open data.

Each address in it has a type, as the profile's SHACL shapes demand (tests/test_dcat.py). Code lists are the EU's.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from amparo.figures.snapshot.months import CalendarYear, Month, Months, Quarter
from amparo.foundation.core.spreadsheets import XLSX

if TYPE_CHECKING:
    from .sheets import ReadableEdition

AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA = "https://www.iana.org/assignments/media-types"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FILES = (
    ("csv", "text/csv"), ("xlsx", XLSX), ("pdf", "application/pdf"), ("ctdc.csv", "text/csv"),
    ("dictionary.csv", "text/csv"),
)  # fmt: skip
FREQUENCIES: dict[type[Months], str] = {Month: "MONTHLY", Quarter: "QUARTERLY", CalendarYear: "ANNUAL"}
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip


def as_dcat(reading: "ReadableEdition", figures: str) -> dict[str, Any]:
    """Return the JSON-LD of an edition. `figures`: the public address of all figures; an edition is beneath it."""
    number, period = reading.document["edition"], reading.period
    page = f"{figures}/{number}"
    newest = reading.superseded_by
    return {
        "@context": PREFIXES,
        "@id": f"{page}#edition-{number}",
        "@type": "dcat:Dataset",
        **({"dct:isReplacedBy": {"@id": f"{figures}/{newest}#edition-{newest}"}} if newest else {}),
        "dct:identifier": f"edition-{number}",
        "dct:title": _in_languages(lambda: _("Figures of the hotline, %(quarter)s") % {"quarter": period}),
        "dct:description": _in_languages(
            lambda: _("To the nearest five; nothing below ten is shown, nor what would give it away.")
        ),
        "dct:issued": _day(reading.published_on) if reading.published_on else None,
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _in_languages(lambda: _("The hotline"))},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(period.first), "dcat:endDate": _day(period.first_day_after - timedelta(days=1)),
        },
        "dct:spatial": _typed_node(f"{AUTHORITY}/country/PER", "dct:Location"),
        "dct:accrualPeriodicity": _typed_node(f"{AUTHORITY}/frequency/{FREQUENCIES[type(period)]}", "dct:Frequency"),
        "dcat:theme": {
            **_typed_node(f"{AUTHORITY}/data-theme/JUST", "skos:Concept"),
            "skos:prefLabel": _in_languages(lambda: _("Justice, legal system and public safety")),
        },
        "dcat:landingPage": _typed_node(page, "foaf:Document", "rdfs:Resource"),
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dcat:accessURL": _typed_node(page, "foaf:Document", "rdfs:Resource"),
                "dcat:downloadURL": _typed_node(f"{page}.{extension}", "rdfs:Resource"),
                "dcat:mediaType": _typed_node(f"{MEDIA}/{media_type}", "dct:MediaType"),
                "dct:license": _typed_node(LICENCE, "dct:LicenseDocument"),
            }
            for extension, media_type in FILES
        ],
    }  # fmt: skip


def _typed_node(address: str, *types: str) -> dict[str, Any]:
    """Return a JSON-LD node with its address and types."""
    return {"@id": address, "@type": list(types)}


def _in_languages(words: Callable[[], str]) -> list[dict[str, str]]:
    """Return a text in Spanish and in English, as JSON-LD writes it."""
    found = []
    for language in ("es", "en"):
        with translation.override(language):
            found.append({"@language": language, "@value": words()})
    return found


def _day(day: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day.isoformat()}
