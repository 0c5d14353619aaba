"""What people type as HTML: a small part of Markdown. HTML that somebody typed is shown as text."""

import functools
import re

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

LISTS = {"ordered_list_open": "promises", "bullet_list_open": "signs"}  # their classes on public pages
LINK = re.compile(r"\]\(\s*<?\s*(?P<address>[^\s)>]*)")


class _Renderer(MarkdownIt):
    """Renders Markdown and escapes HTML. A link that leads elsewhere stays text."""

    def validateLink(self, url: str) -> bool:  # the library's name
        return _is_own_link(url)


@functools.cache
def _renderer(*rules: str) -> MarkdownIt:
    return _Renderer("zero", {"html": False, "breaks": True}).enable(["list", "newline", *rules])


def as_html(text: str) -> SafeString:
    """Render Markdown with paragraphs, line breaks and lists, and nothing else, as HTML."""
    return SafeString(_renderer().render(text))


def page_html(text: str, query: str = "") -> SafeString:
    """Render the Markdown of a public page as HTML: paragraphs, lists, emphasis, links, and headings from h2 on.

    Links lead within the site or to a telephone number. `query` is appended to each link within the site.
    """
    renderer = _renderer("heading", "emphasis", "escape", "link")
    tokens = renderer.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag in ("h1", "h2") else "h3"
        if token.type in LISTS:
            token.attrSet("class", LISTS[token.type])
        for link in _links(token):
            path, mark, part = str(link.attrGet("href")).partition("#")
            link.attrSet("href", f"{path}{query if path.startswith('/') else ''}{mark}{part}")
    return SafeString(renderer.renderer.render(tokens, renderer.options, {}))


def has_link_elsewhere(text: str) -> bool:
    """True if any link in this Markdown leads neither to a page of the site nor to a telephone number."""
    return any(not _is_own_link(match["address"]) for match in LINK.finditer(text))


def _links(token: Token) -> list[Token]:
    return [child for child in token.children or [] if child.type == "link_open"]


def _is_own_link(address: str) -> bool:
    return bool(re.match(r"/(?![/\\])|#|tel:[\d*#+]+$", address))
