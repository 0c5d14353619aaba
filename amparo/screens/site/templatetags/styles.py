"""Put styles and icons into the public pages: on a slow network each further file costs half a second or more."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles.finders import find
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from amparo.static_files import WITHOUT_COMMENTS

register = template.Library()

SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="([^"]+)">(.*?)</symbol>')


@register.simple_tag(takes_context=True)
def style(context: Context, name: str) -> SafeString:
    """Return the style sheet as an element, and add its hash to the page's policy (CSP 3).

    Where the answer is not compressed, or another policy holds (anonymous.py), return a link to it.
    """
    sources: set[str] | None = getattr(context["request"], "styles_within", None)
    if sources is None:
        return format_html('<link rel="stylesheet" href="{}">', static(name))
    text, source = _style_sheet(name)
    sources.add(source)
    return format_html("<style>{}</style>", text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon of this name as SVG within the page. Parts shared with staff pages link to a file (parts.py)."""
    return format_html('<svg class="icon" viewBox="{}" aria-hidden="true">{}</svg>', *_icons()[name])


@cache
def _icons() -> dict[str, tuple[str, SafeString]]:
    """Return the view box and the shapes of each icon, by name."""
    text = Path(str(find("core/icons.svg"))).read_text()
    return {name: (view, mark_safe(lines)) for name, view, lines in SYMBOL.findall(text)}  # our own file


@cache
def _style_sheet(name: str) -> tuple[SafeString, str]:
    """Return a style sheet without its comments, and its source expression (a hash) for the page's policy."""
    text = WITHOUT_COMMENTS[".css"](Path(str(find(name))).read_text())
    assert "<" not in text, f"{name} ends its own element"
    digest = hashlib.sha256(text.encode()).digest()
    return mark_safe(text), f"'sha256-{b64encode(digest).decode()}'"  # our own file
