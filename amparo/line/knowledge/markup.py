"""The text of an article as HTML: paragraphs and lists, nothing else. HTML that somebody typed is shown as text."""

import functools

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt


@functools.cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["list", "newline"])


def as_html(text: str) -> SafeString:
    return SafeString(_renderer().render(text))  # the renderer escapes what was typed
