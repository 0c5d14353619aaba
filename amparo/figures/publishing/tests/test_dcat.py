"""What catalogues of open data read of an edition satisfies the shapes that DCAT-AP 3.0.0 publishes."""

import json
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import Graph

from amparo.figures.publishing.sheets import ReadableEdition

SHAPES = Path(__file__).parent / "data" / "dcat-ap-3.0.0-shacl.jsonld"
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib, about itself
PAGE = "https://line.example.org/figures"


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(SHAPES, format="json-ld")


def described(first_day: str, months: int) -> dict[str, Any]:
    document = {
        "edition": 3, "first_day": first_day, "months": months, "published_on": "2026-11-05", "tables": {},
        "changes": [],
    }  # fmt: skip
    return ReadableEdition.of(document).as_dcat(PAGE)


def complaints(about: dict[str, Any], shapes: Graph) -> str:
    """What the shapes say is wrong; blank: nothing. Nothing is fetched: the context is in the document."""
    conforms, _graph, text = pyshacl.validate(
        Graph().parse(data=json.dumps(about), format="json-ld"), shacl_graph=shapes, inference="none"
    )
    return "" if conforms else text


@pytest.mark.parametrize(("first_day", "months"), [("2026-07-01", 3), ("2026-08-01", 1), ("2025-01-01", 12)])
def test_the_metadata_satisfy_the_published_shapes(shapes, first_day, months):
    assert len(shapes) > 1000
    assert complaints(described(first_day, months), shapes) == ""


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (["dct:title"], "dcterms:title"),
        (["dct:description"], "dcterms:description"),
        (["dct:publisher", "foaf:name"], "foaf:name"),
        (["dct:spatial", "@type"], "Value does not have class dcterms:Location"),
        (["dct:accrualPeriodicity", "@type"], "Value does not have class dcterms:Frequency"),
        (["dcat:theme", "skos:prefLabel"], "skos:prefLabel"),
        (["dcat:distribution", 0, "dcat:accessURL"], "dcat:accessURL"),
        (["dcat:distribution", 0, "dct:license", "@type"], None),  # the other files say what the licence is
    ],
)
def test_the_control_what_is_left_out_is_found(shapes, without, message):
    about = described("2026-07-01", 3)
    *path, last = without
    place = about
    for step in path:
        place = place[step]
    del place[last]
    found = complaints(about, shapes)
    assert message in found if message else found == ""
