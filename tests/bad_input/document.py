"""The pages as an OpenAPI document, and what schemathesis makes of it: requests that keep its rules or break them."""

import re
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from hypothesis import strategies as st
from requests import Request
from schemathesis import Case, GenerationMode

from .asking import Known, MadeUpRequest, target
from .pages import Page

VARIES = re.compile(r"<(\w+):(\w+)>")
CONVERTERS = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "str": {"type": "string", "pattern": "^[^/]+$"},
    "path": {"type": "string", "pattern": "^.+$"},
}
BODIES = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")


def document(pages: list[Page]) -> dict[str, Any]:
    paths = {VARIES.sub(r"{\2}", page.route): {"parameters": _varying(page), **_methods(page)} for page in pages}
    return {"openapi": "3.1.0", "info": {"title": "Pages", "version": "1"}, "paths": paths}


def _varying(page: Page) -> list[dict[str, Any]]:
    found = VARIES.findall(page.route)
    return [{"name": name, "in": "path", "required": True, "schema": CONVERTERS[kind]} for kind, name in found]


def _methods(page: Page) -> dict[str, Any]:
    words = {name: {"enum": list(allowed)} if allowed else {"type": "string"} for name, allowed in page.words.items()}
    query = [{"name": name, "in": "query", "schema": schema} for name, schema in words.items()]
    body = {"type": "object", "properties": words, "required": list(words)}
    answers = {"responses": {"default": {"description": "a page"}}}
    return {
        "get": {"parameters": query, **answers},
        "post": {"requestBody": {"content": {kind: {"schema": body} for kind in BODIES}}, **answers},
    }


type Operation = tuple[Page, st.SearchStrategy[Case]]


def ways(pages: list[Page]) -> list[Operation]:
    """One for each page and method that breaks the document's rules, and one that keeps them. Slow: once is enough."""
    schema = schemathesis.openapi.from_dict(document(pages))
    by_path = {VARIES.sub(r"{\2}", page.route): page for page in pages}
    operations = [found.ok() for found in schema.get_all_operations()]
    return [(by_path[it.path], it.as_strategy(mode)) for it in operations for mode in GenerationMode]


@st.composite
def against_the_document(draw: st.DrawFn, ways: list[Operation], known: Known) -> MadeUpRequest:
    page, cases = draw(st.sampled_from(ways))
    case = draw(cases)
    sent = Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    _, _, path, query, _ = urlsplit(sent.url or "")
    address = path.encode() if draw(st.booleans()) else draw(target(page, known))
    body = sent.body or b""
    kind = sent.headers.get("Content-Type")
    return MadeUpRequest(
        page,
        case.method,
        address + (f"?{query}".encode() if query else b""),
        body.encode() if isinstance(body, str) else body,
        (f"Content-Type: {kind}",) if kind else (),
    )
